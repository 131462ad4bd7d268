"""The list of what a profile needs, as a document, a table of the terminal, and a workbook."""

from __future__ import annotations

from calendar import month_name
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from rich.console import Console
from rich.markup import escape

from gep.core.catalog import layer_kinds, named
from gep.core.data import data_rows
from gep.core.messages import Text, in_language, joined, listed, say
from gep.core.unit_names import unit_text
from gep.inputs.items import item_units
from gep.inputs.office import OfficeInput, department_name, departments, shown_unit
from gep.report.citations import cited
from gep.report.console import rows_table
from gep.report.names import called
from gep.report.office_book import cell_format, heading_format, height_of, office_book, set_up_print
from gep.standards.profile import Profile
from gep.study.needs import Need

COMPILER = "compiler"
"""The department that has what no other does: the body that compiles the account."""


class InputEntry(TypedDict):
    """One line of the list."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    units: list[str]
    unit: Text
    degree: str
    condition: Text
    services: list[str]
    department: str
    other_departments: list[str]
    publication: Text
    frequency: str
    first_month: int | None
    last_month: int | None
    mistakes: Text
    note: Text
    source: str
    locator: Text
    status: str


class InputsDocument(TypedDict):
    """The whole list."""

    schema: int
    profile: str
    area: str
    left_out: list[str]
    inputs: list[InputEntry]


_NOTHING = Text("", "")


def inputs_document(
    profile: Profile, needs: Iterable[Need], area: str = "", left_out: Sequence[str] = ()
) -> InputsDocument:
    """The list as JSON. What the program makes from other layers is not on it: nobody is asked for it."""
    entries = [_entry(need) for need in needs if need.office is None or need.office.standing != "computed"]
    return {"schema": 1, "profile": profile.id, "area": area, "left_out": list(left_out), "inputs": entries}


def _entry(need: Need) -> InputEntry:
    office = need.office
    name, units, unit = _called(need, office)
    return {
        "id": need.id,
        "kind": "coefficient" if need.kind == "coefficient" else office.kind if office else "statistic",
        "name_zh": name.zh,
        "name_en": str(name),
        "units": units,
        "unit": unit,
        "degree": need.degree,
        "condition": need.condition,
        "services": list(need.services),
        "department": office.department if office else COMPILER,
        "other_departments": list(office.other_departments) if office else [],
        "publication": office.publication if office else _NOTHING,
        "frequency": office.frequency if office else "",
        "first_month": office.months[0] if office and office.months else None,
        "last_month": office.months[1] if office and office.months else None,
        "mistakes": office.mistakes if office else _NOTHING,
        "note": office.note if office else _NOTHING,
        "source": office.source if office else "",
        "locator": office.locator if office else _NOTHING,
        "status": office.status if office else "usual_practice",
    }


def _called(need: Need, office: OfficeInput | None) -> tuple[Text, list[str], Text]:
    """The name of a need, its units, and these as they are shown; of an item of a service with the service."""
    if office is None:
        units = {row["coefficient"]: row["unit"] for _, row in data_rows("study_inputs.csv")}
        units |= {**item_units(), **{name: kind.unit for name, kind in layer_kinds().items()}}
        return called(need.id) or Text(need.id, need.id), [units[need.id]], unit_text(units[need.id])
    part = need.id.removeprefix(office.id).strip("/")
    name = say("office.form.of", item=office.label, part=named(part)) if part else office.label
    shown = joined([shown_unit(unit) for unit in office.units], " or ", "或")
    shown = _NOTHING if need.kind == "zones" else shown
    return name, list(office.units), shown


def months_text(first: int | None, last: int | None) -> Text:
    """When something usually comes out: months after the accounting year, nothing where that is not known."""
    if first is None or last is None:
        return _NOTHING
    if first == last:
        return _month(first)
    if last <= 12:
        return say("office.month.span", first=_name_of(first), last=_name_of(last))
    return say("office.month.years", first=_month(first), last=_month(last))


def _month(month: int) -> Text:
    key, month = ("next", month) if month <= 12 else ("after", month - 12)
    return say(f"office.month.{key}", month=_name_of(month))


def _name_of(month: int) -> Text:
    return Text(month_name[month], f"{month}月")


# the terminal ---------------------------------------------------------------------------------------------------------

_SHOWN = ("name", "id", "unit", "degree", "condition", "services", "months")


def show_inputs(document: InputsDocument, title: Text, out: Console, language: str) -> None:
    """Print the list by department; layers below."""
    out.print(f"[bold]{escape(title.to(language))}[/bold]")
    for part in (False, True):
        entries = [entry for entry in document["inputs"] if (entry["kind"] == "layer") == part]
        out.print(f"\n{escape(say('office.list.of_layers' if part else 'office.list.of_figures').to(language))}")
        table = rows_table(_headings(_SHOWN, language), [])
        for department in departments():
            mine = [entry for entry in entries if entry["department"] == department]
            if mine:
                table.add_section()
                table.add_row(f"[bold]{escape(department_name(department).to(language))}[/bold]")
            for entry in mine:
                table.add_row(*(escape(_cell(entry, column, language)) for column in _SHOWN))
        out.print(table)
    counts = Counter(entry["degree"] for entry in document["inputs"])
    words = {degree: counts[degree] for degree in ("required", "conditional", "optional")}
    out.print(f"\n{escape(say('office.list.counts', **words).to(language))}")
    if document["left_out"]:
        services = [named(service) for service in document["left_out"]]
        out.print(escape(say("office.list.left_out", services=services).to(language)))


def _headings(columns: Iterable[str], language: str) -> list[str]:
    return [say(f"office.column.{column}").to(language) for column in columns]


def _cell(entry: InputEntry, column: str, language: str) -> str:
    """What stands in a column of the list."""
    texts = {
        "name": entry["name_zh"] if language == "zh" else entry["name_en"],
        "services": listed([named(service) for service in entry["services"]]),
        "department": department_name(entry["department"]),
        "other_departments": listed([department_name(name) for name in entry["other_departments"]]),
        "kind": say(f"office.kind.{entry['kind']}"),
        "degree": say(f"office.degree.{entry['degree']}"),
        "status": say(f"office.status.{entry['status']}"),
        "frequency": say(f"office.frequency.{entry['frequency']}") if entry["frequency"] else "",
        "months": months_text(entry["first_month"], entry["last_month"]),
        "source": _source(entry, language),
        **{
            name: entry[name]
            for name in ("id", "name_zh", "name_en", "unit", "condition", "publication", "mistakes", "note")
        },
    }
    return in_language(texts[column], language)


def _source(entry: InputEntry, language: str) -> str:
    if not entry["source"]:
        return ""
    separator = "，" if language == "zh" else ", "
    return separator.join([cited(entry["source"], language), entry["locator"].to(language)])


# the workbook ---------------------------------------------------------------------------------------------------------

_WIDTHS = {
    "department": 16,
    "id": 24,
    "name_zh": 24,
    "name_en": 28,
    "kind": 9,
    "unit": 16,
    "degree": 9,
    "condition": 26,
    "services": 22,
    "other_departments": 16,
    "publication": 34,
    "frequency": 11,
    "months": 16,
    "mistakes": 44,
    "note": 24,
    "source": 44,
    "status": 10,
}


def write_inputs(document: InputsDocument, title: Text, path: Path, language: str) -> None:
    """Write the list as a workbook of one sheet: title, key, heading, a line for each input."""
    name = title.to(language)
    with office_book(path, name, language) as book:
        sheet = book.add_worksheet(say("office.list.sheet").to(language))
        wrapped = cell_format(book, language, text_wrap=True, border=1)
        sheet.write(0, 0, name, cell_format(book, language, bold=True, font_size=14))
        sheet.write(1, 0, say("office.list.legend").to(language), cell_format(book, language))
        for column, (key, width) in enumerate(_WIDTHS.items()):
            sheet.set_column(column, column, width)
            sheet.write(2, column, say(f"office.column.{key}").to(language), heading_format(book, language))
        order = list(departments())
        entries = sorted(document["inputs"], key=lambda e: (e["kind"] == "layer", order.index(e["department"])))
        for row, entry in enumerate(entries, start=3):
            texts = [_cell(entry, key, language) for key in _WIDTHS]
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, wrapped)
            sheet.set_row(row, height_of(zip(texts, _WIDTHS.values(), strict=True)))
        sheet.freeze_panes(3, 3)
        sheet.autofilter(2, 0, 2 + len(entries), len(_WIDTHS) - 1)
        set_up_print(sheet, (2, 2), sum(_WIDTHS.values()))
