"""What departments give: for each figure, product, price and layer the unit they use, who usually has it, and when.

The rows stand in `office_inputs.csv` and `departments.csv` of the shipped data. `verified` means that the unit, the use
or the date stands in the named document; all else is usual practice, which an office may know better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from gep.core.catalog import layer_kinds, service_ids
from gep.core.data import data_folder, data_rows, line_of, read_csv, renewed
from gep.core.errors import Problem, UnitError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.core.unit_names import unit_text
from gep.core.units import linear, parse
from gep.inputs.items import in_unit, item_label, item_unit, item_units, product_services, product_unit
from gep.standards.coefficients import sources

TABLE, DEPARTMENTS = "office_inputs.csv", "departments.csv"

Kind = Literal["statistic", "price", "product", "layer", "zones"]
Standing = Literal["existing", "product", "coefficient", "computed", "zones", "proposed"]
"""What a row is to the program: an item or a layer that it takes, a product of a service, a coefficient that a study
may replace, a layer that is made from others, the zones; or only proposed: of use to an office and not read yet.
"""
FREQUENCIES = (
    "annual",
    "quarterly",
    "monthly",
    "daily",
    "as_issued",
    "as_surveyed",
    "as_registered",
    "per_survey",
    "per_study",
    "five_years",
    "once",
)
_MULTIPLES = {"10^4 ": "万", "10^8 ": "亿"}


@dataclass(frozen=True)
class OfficeInput:
    """What departments give under one id.

    `units` are the unit they mostly use and, where there is one, another that is common. `months` are the first and the
    last in which it usually comes out, counted from January of the year after the accounting year: 13 is the January
    after that. Texts are in both languages.
    """

    id: str
    kind: Kind
    standing: Standing
    label: Text
    units: tuple[str, ...]
    level: str
    services: tuple[str, ...]
    department: str
    other_departments: tuple[str, ...]
    publication: Text
    frequency: str
    months: tuple[int, int] | None
    mistakes: Text
    note: Text
    source: str
    locator: Text
    status: str


@renewed
@cache
def departments() -> Mapping[str, Text]:
    """The departments by id, in the order in which they are listed."""
    return {row["department"]: Text(row["en"], row["zh"]) for _, row in data_rows(DEPARTMENTS)}


@renewed
@cache
def office_inputs() -> Mapping[tuple[str, bool], OfficeInput]:
    """All rows by id and whether it is a layer: some names are both a layer and a figure of a table."""
    rows = [_office_input(row) for _, row in data_rows(TABLE)]
    return {(row.id, row.kind == "layer"): row for row in rows}


def office_input(identifier: str, *, is_layer: bool = False) -> OfficeInput | None:
    """What departments give under an id; of an item of a feature or a product, what they give of the item."""
    known = office_inputs()
    return known.get((identifier, is_layer)) or known.get((identifier.partition("/")[0], is_layer))


def _office_input(row: Mapping[str, str]) -> OfficeInput:
    months = (int(row["first_month"]), int(row["last_month"])) if row["first_month"] else None
    return OfficeInput(
        row["input"],
        row["kind"],  # type: ignore[arg-type]  # the check of the data says so
        row["standing"],  # type: ignore[arg-type]  # the check of the data says so
        _label(row),
        tuple(unit for unit in (row["unit"], row["other_unit"]) if unit),
        row["level"],
        tuple(name for name in row["services"].split("|") if name),
        row["department"],
        tuple(name for name in row["other_departments"].split("|") if name),
        Text(row["publication_en"], row["publication_zh"]),
        row["frequency"],
        months,
        Text(row["mistakes_en"], row["mistakes_zh"]),
        Text(row["note_en"], row["note_zh"]),
        row["source"],
        translated(row["locator"]),
        row["status"],
    )


def _label(row: Mapping[str, str]) -> Text:
    """The name of a row: that of the vocabulary where it is an item or a layer."""
    if row["kind"] == "layer" and row["input"] in layer_kinds():
        kind = layer_kinds()[row["input"]]
        return Text(kind.label_en, kind.label_zh)
    return item_label(row["input"]) if row["input"] in item_units() else Text(row["label_en"], row["label_zh"])


def shown_unit(unit: str) -> Text:
    """A unit as an office writes it: `10^4 m^3` is 万立方米, in English as it stands."""
    if unit == "1":
        return say("office.no_unit")
    if not unit.isascii():  # as a table of the study has it
        return Text(unit, unit)
    for multiple, word in _MULTIPLES.items():
        if unit.startswith(multiple):
            return Text(unit, word + unit_text(unit.removeprefix(multiple)).zh)
    return Text(unit, unit_text(unit).zh)


# the data held to their rules -----------------------------------------------------------------------------------------


def check_office_inputs() -> Iterator[Problem]:
    """Every item and layer has a row, every row a department, a unit that its item can be read in, and a document where
    it says that it was read in one.
    """
    there: dict[tuple[str, bool], Text] = {}
    for line, row in read_csv(data_folder() / TABLE):
        place = line_of(Path(TABLE), line)
        key = (row["input"], row["kind"] == "layer")
        if key in there:
            yield problem("office.C22.twice", row["input"], place=place, first=there[key])
        there[key] = place
        yield from _check_row(row, place)
    for name in item_units():
        if (name, False) not in there:
            yield problem("office.C22.no_row", name, place=TABLE)
    for name in layer_kinds():
        if (name, True) not in there:
            yield problem("office.C22.no_row", name, place=TABLE)


def _check_row(row: Mapping[str, str], place: Text) -> Iterator[Problem]:
    known: tuple[tuple[str, str, Collection[str]], ...] = (
        ("kind", row["kind"], get_args(Kind)),
        ("standing", row["standing"], get_args(Standing)),
        ("level", row["level"], ("county", "city")),
        ("frequency", row["frequency"], ("", *FREQUENCIES)),
        ("status", row["status"], ("verified", "usual_practice")),
        ("department", row["department"], departments()),
        ("source", row["source"], ("", *sources())),
        *(("department", name, departments()) for name in row["other_departments"].split("|") if name),
        *(("services", name, ("all", *service_ids())) for name in row["services"].split("|") if name),
    )
    for column, name, options in known:
        if name not in options:
            hint = did_you_mean(name, options)
            yield problem("office.C22.unknown", row["input"], place=place, column=column, name=name, hint=hint)
    if row["status"] == "verified" and not (row["source"] and row["locator"]):
        yield problem("office.C22.no_document", row["input"], place=place)
    for name in ("label", "publication", "mistakes", "note"):
        if bool(row[f"{name}_zh"]) != bool(row[f"{name}_en"]):
            yield problem("office.C22.one_language", row["input"], place=place, column=name)
    yield from _check_vocabulary(row, place)
    yield from _check_units(row, place)


def _check_vocabulary(row: Mapping[str, str], place: Text) -> Iterator[Problem]:
    """Whether the program knows what it is said to know, and a name stands here only where it stands nowhere else."""
    name, is_layer = row["input"], row["kind"] == "layer"
    is_known = name in layer_kinds() if is_layer else name in item_units()
    is_of_service = name.partition("/")[0] in product_services()
    if row["standing"] in ("existing", "computed") and not is_known:
        hint = did_you_mean(name, layer_kinds() if is_layer else item_units())
        yield problem("office.C22.not_known", name, place=place, hint=hint)
    if row["standing"] == "product" and not is_of_service:
        yield problem("office.C22.no_product", name, place=place, services=product_services())
    if is_known == bool(row["label_zh"]):
        yield problem("office.C22.named" if is_known else "office.C22.nameless", name, place=place)


def _check_units(row: Mapping[str, str], place: Text) -> Iterator[Problem]:
    for unit in (unit for unit in (row["unit"], row["other_unit"]) if unit):
        try:
            parse(unit)
            if row["kind"] == "layer" and row["input"] in layer_kinds():
                linear(unit, layer_kinds()[row["input"]].unit)
            elif row["standing"] == "existing" and row["input"] in item_units():
                in_unit(1.0, unit, item_unit(row["input"]))
            elif row["standing"] == "product" and row["input"].partition("/")[0] in product_services():
                measure = "quantity" if "/" in row["input"] else "value"
                product_unit(row["input"].partition("/")[0], measure, unit)
        except UnitError as error:
            yield problem("office.C22.unit", row["input"], place=place, found=unit, why=error.message)


def department_name(identifier: str) -> Text:
    """What a department is called."""
    return departments()[identifier]
