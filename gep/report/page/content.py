"""What the page says, by language: tables, headline, findings, measures of the map, outlines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

import shapely

from gep.account.account import Account
from gep.account.entries import Missing
from gep.core.catalog import CATEGORIES, colour, named
from gep.core.keys import CITY, UNALLOCATED
from gep.core.messages import Language, Text, in_language, listed, say
from gep.report.options import ReportOptions
from gep.report.page.drawing import Drawing, drawing_of_overload
from gep.report.page.explanations import ServiceExplanation, Words, explanations, words
from gep.report.tables.assets import Beside
from gep.report.tables.book import report_model
from gep.report.tables.model import EMPTY, Cell, Column, ReportTable, Row, RowKind, of_text, text_of
from gep.report.tables.uncertainty import interval_of, sureness_of

LANGUAGES: tuple[Language, ...] = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}

_MOST_COLUMNS = 13
"""A table with more columns than this and than rows is laid on its side, so that paper and phones can hold it."""


class Measure(TypedDict):
    """What the map of counties can show: a column of a table."""

    table: str
    column: str
    group: Words
    label: Words
    unit: Words


class Data(TypedDict):
    """What scripts need beside the tables: no figures, for these they read in the tables."""

    area: str
    unallocated: str
    default: str
    languages: dict[str, Words]
    words: dict[str, Words]
    colours: dict[str, str]
    outlines: dict[str, object] | None
    measures: list[Measure]
    explanations: dict[str, ServiceExplanation]
    missing: dict[str, Words]


@dataclass(frozen=True)
class ShownTable:
    """A table as the page lays it out; its cells are those of the report's table. `is_turned` where columns became
    rows.
    """

    table: ReportTable
    is_turned: bool

    def header(self) -> Iterator[tuple[Column, int]]:
        """The columns that begin a group or stand alone, with how many they span."""
        columns = self.table.columns
        at = 0
        while at < len(columns):
            span = 1
            while columns[at].group and at + span < len(columns) and columns[at + span].group == columns[at].group:
                span += 1
            yield columns[at], span
            at += span


class Body:
    """The page in one language."""

    def __init__(self, account: Account, language: Language, options: ReportOptions) -> None:
        self.account, self.language, self.office = account, language, options.office
        self.model = report_model(account, language, options.shares)
        self.facts = self.model.facts

    @property
    def tag(self) -> str:
        return TAGS[self.language]

    @cached_property
    def tables(self) -> dict[str, ShownTable]:
        """All but the arithmetic, which stands where a figure is explained."""
        return {id_: _shown(table) for id_, table in self.model.results.items()} | {
            table.id: ShownTable(table, is_turned=False) for account in self.beside for table in account.tables
        }

    @property
    def beside(self) -> tuple[Beside, ...]:
        """The accounts beside GEP."""
        return self.model.beside

    @cached_property
    def overload(self) -> Drawing | None:
        """The map of overload of grassland, where the run has it."""
        return drawing_of_overload(self.account, self.language)

    def said(self, text: str | Text) -> str:
        """A text in the language of the page."""
        return in_language(text, self.language)

    def with_unit(self, heading: str) -> str:
        """The heading of a chart of money with its unit."""
        return say("tables.heading_with_unit", heading=heading, unit=self.facts.units.money_unit).to(self.language)

    def word(self, key: str) -> str:
        """A word of the page."""
        return say(f"page.word.{key}").to(self.language)

    def text(self, cell: Cell) -> str:
        """A cell as people read it."""
        return text_of(cell, self.language)

    # the head ---------------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The heading, by the title guard."""
        return self.account.title(self.language)

    @cached_property
    def place(self) -> str:
        """Of what and of when the account is."""
        return say("page.place", area=self.facts.title_of_area, year=self.account.about.year).to(self.language)

    @property
    def document_title(self) -> str:
        """The title of the window."""
        return say("page.title", title=self.facts.title, place=self._place_text()).to(self.language)

    def _place_text(self) -> Text:
        return say("page.place", area=self.facts.title_of_area, year=self.account.about.year)

    @cached_property
    def total(self) -> Cell | None:
        """The headline figure; none of a physical account."""
        return self.facts.units.money(self.account.total()) if self.facts.is_monetary else None

    @cached_property
    def interval(self) -> str:
        """Between what the headline figure lies, where that was asked for and anything is known."""
        found = sureness_of(self.account)
        interval = interval_of(self.facts, found) if found else None
        if found is None or interval is None:
            return ""
        heading = say("document.headline.interval", level=f"{found['level']:.0%}")
        return self.said(say("page.interval", heading=heading, interval=interval))

    @property
    def money_unit(self) -> str:
        return self.said(self.facts.units.money_unit)

    @cached_property
    def indicators(self) -> list[tuple[str, str, str]]:
        """What stands below the headline: column, heading with unit, and figure of the whole area."""
        table = self.model.results.get("T07")
        row = next((row for row in table.rows if row.key == CITY), None) if table else None
        if table is None or row is None:
            return []
        names = ("value_per_km2", "value_per_head", "value_to_gdp", "area", "population", "gdp")
        columns = {column.id: column for column in table.columns}
        return [(name, columns[name].title(self.language), self.text(row[name])) for name in names]

    @cached_property
    def missing(self) -> list[tuple[str, str]]:
        """Why required services have no full figure, and which: by reason."""
        found: dict[str, list[Text]] = {}
        for missing in self.account.about.missing:
            if missing.is_required:
                found.setdefault(missing.reason, []).append(named(missing.service))
        return [
            (say(f"account.reason.{reason}").to(self.language), listed(services).to(self.language))
            for reason, services in found.items()
        ]

    @cached_property
    def waived(self) -> list[tuple[str, str, str]]:
        """What a person answers for: code, name, reason."""
        return [(code, by, reason) for code, (by, reason) in self.facts.waivers.items()]

    @property
    def standing(self) -> list[tuple[str, str]]:
        """How far the report has come, and who issues it when, as far as the office says so."""
        given = [(name, self.office.setting(name)) for name in ("issuer", "date", "contact")]
        status = (say("document.front.status"), self.office.status)
        shown = [status, *((say(f"document.front.{name}"), text) for name, text in given if text)]
        return [(self.said(name), self.said(text)) for name, text in shown]

    @cached_property
    def finding(self) -> str:
        """What the composition shows: the largest service and the largest part."""
        if not self.facts.is_monetary:
            return say("page.finding_physical", count=len(self.facts.services)).to(self.language)
        rows = self.model.results["T01"].rows
        part, service = _largest(rows, "category"), _largest(rows, "item")
        if part is None or service is None:
            return ""
        names = {"part": part["category"].text, "service": service["service"].text}
        if part["share"].value is None or service["share"].value is None:
            return say("page.finding_of_negative", **names).to(self.language)
        shares = {"part_share": self.text(part["share"]), "share": self.text(service["share"])}
        return say("page.finding", **names, **shares).to(self.language)

    @cached_property
    def notes(self) -> list[str]:
        """All but that of what is missing, which stands beside them with its reasons."""
        return [self.said(note) for about, note in self.facts.notes_by_key.items() if about != "partial"]

    @cached_property
    def counts(self) -> str:
        """How many problems of each severity the checks found."""
        found = dict.fromkeys(("error", "warning", "information"), 0)
        for problem in self.account.about.problems:
            found[problem.severity] += 1
        return say("page.counts", **found).to(self.language)


def _largest(rows: tuple[Row, ...], kind: str) -> Row | None:
    given = [row for row in rows if row.kind == kind and row["value"].value is not None]
    return max(given, key=lambda row: row["value"].value or 0.0, default=None)


def _shown(table: ReportTable) -> ShownTable:
    numbers = [column for column in table.columns if not column.is_text]
    is_turned = len(table.columns) > _MOST_COLUMNS and len(table.rows) < len(numbers) and table.id in _OF_COUNTIES
    return ShownTable(_turned(table) if is_turned else table, is_turned)


_OF_COUNTIES = ("T04", "T05", "T06")
_KINDS: dict[str, RowKind] = {**dict.fromkeys(CATEGORIES, "category"), "total": "total", "rank": "memo"}
"""What the rows are that columns become; the others are items."""


def _turned(table: ReportTable) -> ReportTable:
    """A table of counties with the counties across."""
    names = table.columns[: table.labels]
    numbers = [column for column in table.columns if not column.is_text]
    columns = [
        Column("_group", say("page.word.group"), is_text=True),
        Column("_measure", say("page.word.measure"), is_text=True),
        *(Column(row.key, row[names[-1].id].text or EMPTY) for row in table.rows),
    ]
    rows = [
        Row(
            _KINDS.get(column.id, "item"),
            column.id,
            {
                "_group": of_text(column.group),
                "_measure": of_text(_with_unit(column)),
                **{row.key: table.cell(row, column) for row in table.rows},
            },
        )
        for column in numbers
    ]
    return ReportTable(table.id, table.number, table.name, tuple(columns), tuple(rows), 2, table.unit, table.notes)


def _with_unit(column: Column) -> Text:
    return Text(column.title("en"), column.title("zh"))


# what scripts need ----------------------------------------------------------------------------------------------------


def data(account: Account, bodies: list[Body], default: str) -> Data:
    """All that the script reads beside the tables."""
    facts = bodies[0].facts
    script = (
        "sort",
        "csv",
        "whole",
        "nothing",
        "shown",
        "no_value",
        "source",
        "arithmetic",
        "more_counties",
        "gathered",
    )
    return {
        "area": CITY,
        "unallocated": UNALLOCATED,
        "default": default,
        "languages": {body.language: {"tag": body.tag, "title": body.document_title} for body in bodies},
        "words": {body.language: {key: body.word(key) for key in script} for body in bodies},
        "colours": {
            name: colour(name) for name in (*CATEGORIES, *facts.services, *facts.ecosystems, "_gathered", "_missing")
        },
        "outlines": _outlines(account),
        "measures": list(_measures(bodies)),
        "explanations": explanations(facts),
        "missing": {missing.service: words(_reason(missing)) for missing in account.about.missing},
    }


def _reason(missing: Missing) -> Text:
    """Why a service has no full figure."""
    reason = say(f"account.reason.{missing.reason}")
    return say("page.reason", reason=reason, detail=missing.detail) if missing.detail else reason


def _measures(bodies: list[Body]) -> Iterator[Measure]:
    """Every column of a table of counties, with heading and unit by language."""
    of_language = {
        body.language: {id_: body.model.results[id_] for id_ in ("T07", "T04", "T06") if id_ in body.model.results}
        for body in bodies
    }
    for id_, table in of_language[bodies[0].language].items():
        for at, column in enumerate(table.columns):
            if column.is_text or column.id in ("rank", "coverage", "population", "gdp", "area"):
                continue
            yield {
                "table": id_,
                "column": column.id,
                "group": words(table.name),
                "label": words(
                    column.heading if not column.group else say("page.measure", group=column.group, name=column.heading)
                ),
                "unit": {
                    language: in_language(tables[id_].columns[at].unit or tables[id_].unit, language)
                    for language, tables in of_language.items()
                },
            }


def _outlines(account: Account) -> dict[str, object] | None:
    """The counties as GeoJSON, named by their codes."""
    if not account.shapes:
        return None
    features = [
        {"type": "Feature", "properties": {"name": code}, "geometry": shapely.geometry.mapping(shape)}
        for code, shape in account.shapes.items()
    ]
    return {"type": "FeatureCollection", "features": features}
