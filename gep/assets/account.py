"""An account beside GEP: tables of figures with what they are of, what is said of them, and what they must never be
added to. It is shown, written, read as frames and explained as the account of GEP is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from gep.assets.figures import Figure
from gep.assets.rows import Parameter
from gep.core.errors import AccountError, Problem, did_you_mean
from gep.core.messages import Text, joined, say

if TYPE_CHECKING:
    import pandas as pd

    from gep.assets.uncertainty import AssetUncertainty

SCHEMA = "gep.assets/1"

ORDER = (
    "carbon_stock",
    "carbon_projects",
    "carbon_credits",
    "carbon_prices",
    "parcels",
    "compensation",
    "grazing",
    "restoration",
    "condition",
)
"""Accounts by their ids as they stand behind each other: carbon and what is made of it, then grass, then the land.
Others follow by their ids.
"""


def position(id_: str) -> tuple[int, str]:
    """Where an account stands among others, to sort by."""
    return (ORDER.index(id_) if id_ in ORDER else len(ORDER), id_)


ENDS = ("lower", "upper")

RowKind = Literal["item", "subtotal", "total", "check"]


@dataclass(frozen=True)
class Measure:
    """A column of figures: its id, what it is called, the unit in which its figures are shown (each may be made in
    another of the same kind), and how many decimals are read.
    """

    id: str
    heading: Text
    unit: str
    decimals: int = 2


@dataclass(frozen=True)
class Line:
    """A row: what it is of (words by label column), its figures by measure, words that stand for a figure (a class, a
    reason why there is none), and what kind of row it is.
    """

    labels: Mapping[str, Text]
    figures: Mapping[str, Figure | None] = field(default_factory=dict)
    words: Mapping[str, Text] = field(default_factory=dict)
    kind: RowKind = "item"
    key: str = ""

    @property
    def id(self) -> str:
        """How the row is asked for: its key, else its labels."""
        return self.key or "/".join(str(text) for text in self.labels.values())


@dataclass(frozen=True)
class AssetTable:
    """A table of an account: columns of words (`labels`: id and heading), columns of figures, rows, remarks."""

    id: str
    title: Text
    labels: tuple[tuple[str, Text], ...]
    measures: tuple[Measure, ...]
    lines: tuple[Line, ...]
    notes: tuple[Text, ...] = ()
    number: str = ""
    intervals: Mapping[tuple[int, str], tuple[float, float]] = field(default_factory=dict, repr=False)
    """Between what figures lie, by the position of the row and the measure, in its unit; empty until it was asked."""

    def line(self, key: str) -> Line:
        """A row by its id. Raises AccountError where there is none."""
        for line in self.lines:
            if line.id == key:
                return line
        hint = did_you_mean(key, [line.id for line in self.lines])
        raise AccountError(say("assets.no_line", key=key, table=self.title, hint=hint))

    def figure(self, key: str, measure: str) -> Figure:
        """A figure by row and measure. Raises AccountError where there is none."""
        found = self.line(key).figures.get(measure)
        if found is None:
            raise AccountError(say("assets.no_figure", key=key, measure=measure))
        return found

    def shown(self, line: Line, measure: Measure) -> float | None:
        """The number of a figure in the unit of its column."""
        found = line.figures.get(measure.id)
        return None if found is None else found.to(measure.unit)

    def has_intervals(self, measure: Measure) -> bool:
        """Whether any figure of a measure has an interval."""
        return any((at, measure.id) in self.intervals for at in range(len(self.lines)))

    def to_dataframe(self, language: str = "en") -> pd.DataFrame:
        """The table as a frame: labels as they are called, measures as numbers in the unit of their heading; behind a
        measure with intervals their ends, `area_lower` and `area_upper`.
        """
        import pandas as pd

        rows = []
        for at, line in enumerate(self.lines):
            row: dict[str, Any] = {id_: line.labels[id_].to(language) for id_, _ in self.labels if id_ in line.labels}
            for measure in self.measures:
                word = line.words.get(measure.id)
                number = self.shown(line, measure)
                row[measure.id] = word.to(language) if number is None and word is not None else number
                row |= dict(zip(ends_of(measure), self.intervals.get((at, measure.id), ()), strict=False))
            rows.append(row)
        units: dict[str, str] = {}
        for measure in self.measures:
            units |= dict.fromkeys(
                (measure.id, *(ends_of(measure) if self.has_intervals(measure) else ())), measure.unit
            )
        frame = pd.DataFrame(rows, columns=[*(id_ for id_, _ in self.labels), *units])
        frame.attrs["units"] = units
        return frame


def ends_of(measure: Measure) -> tuple[str, str]:
    """What the columns of the ends of an interval are called in frames and files."""
    lower, upper = ENDS
    return f"{measure.id}_{lower}", f"{measure.id}_{upper}"


@dataclass(frozen=True)
class AssetAccount:
    """An account beside GEP. `id` says which (`carbon_stock`), `never_added` to what it must never be added."""

    id: str
    title: Text
    name: Text
    tables: tuple[AssetTable, ...]
    never_added: Text
    year: int | None = None
    problems: tuple[Problem, ...] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    sureness: AssetUncertainty | None = None
    """Between what its figures lie, once it was asked for."""

    def table(self, id_: str) -> AssetTable:
        """A table by its id. Raises AccountError where there is none."""
        for table in self.tables:
            if table.id == id_:
                return table
        raise AccountError(
            say("assets.no_table", id=id_, account=self.title, hint=did_you_mean(id_, [t.id for t in self.tables]))
        )

    def figures(self) -> Iterator[Figure]:
        """Every figure of every table."""
        for table in self.tables:
            for line in table.lines:
                yield from (figure for figure in line.figures.values() if figure is not None)

    def parameters(self) -> list[Parameter]:
        """The rows of parameters that it rests on, each once."""
        return list(dict.fromkeys(row for figure in self.figures() for row in figure.parameters()))

    @property
    def provisional(self) -> list[Parameter]:
        """Those of them that were not read in their source."""
        return [parameter for parameter in self.parameters() if parameter.row.status != "verified"]

    def with_problems(self, problems: Sequence[Problem]) -> AssetAccount:
        """The same with more that is said of it."""
        return replace(self, problems=(*self.problems, *problems))

    def uncertainty(
        self,
        *,
        draws: int = 10_000,
        seed: int = 20_261,
        level: float = 0.95,
        correlations: Iterable[tuple[Sequence[str], float]] = (),
    ) -> AssetUncertainty:
        """How sure its figures are: between what each lies, what drives those of the whole, what is not known. Rows of
        parameters with `low` and `high` and cells with an error are random numbers, the same wherever they are used;
        what has neither is listed.

        Args:
            draws: how many, by Latin hypercube; 100 or more.
            seed: where they begin; the same gives the same.
            level: the probability that intervals hold.
            correlations: names of numbers (`Parameter.id`, or the place of a cell) and the correlation of each two of
                them; all others are independent.

        Returns:
            Intervals by figure, `heads`, `unknown`.

        Raises:
            UsageError: for too few draws, a level that is none, correlations that are none.
        """
        from gep.assets.uncertainty import Shown, uncertainty_of

        shown = [
            Shown(
                table.id,
                at,
                line.id,
                measure.id,
                measure.unit,
                joined([measure.heading, *line.labels.values()], " · ", " · "),
                line.kind == "total",
                figure,
            )
            for table in self.tables
            for at, line in enumerate(table.lines)
            for measure in table.measures
            if (figure := line.figures.get(measure.id)) is not None
        ]
        return uncertainty_of(shown, draws=draws, seed=seed, level=level, correlations=correlations)

    def with_intervals(self, found: AssetUncertainty | None = None) -> AssetAccount:
        """The same with the interval of each figure in its frames, files and documents: of `found`, or of
        `uncertainty()`.
        """
        found = found or self.uncertainty()
        by_table: dict[str, dict[tuple[int, str], tuple[float, float]]] = {table.id: {} for table in self.tables}
        for (table_id, at, measure), interval in found.by_figure.items():
            if interval.lower is not None and interval.upper is not None:
                by_table[table_id][at, measure] = interval.lower, interval.upper
        tables = tuple(replace(table, intervals=by_table[table.id]) for table in self.tables)
        return replace(self, tables=tables, sureness=found)

    def explain(self, table: str, line: str, measure: str) -> dict[str, Any]:
        """A figure down to its rows and clauses, as JSON. Raises AccountError for one that there is not."""
        found = self.table(table)
        return {
            "schema": SCHEMA,
            "account": self.id,
            "table": table,
            "line": found.line(line).id,
            "measure": measure,
            "figure": found.figure(line, measure).document(),
        }

    def document(self) -> dict[str, Any]:
        """The account as JSON: {schema, account, title, name, year, never_added, switches, tables, problems}; with
        intervals `uncertainty` too, and `intervals` of each row.
        """
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "account": self.id,
            "title": self.title,
            "name": self.name,
            "year": self.year,
            "never_added": self.never_added,
            "switches": dict(self.switches),
            "tables": [_table(table) for table in self.tables],
            "parameters": [parameter.document() for parameter in self.parameters()],
            "problems": [problem.as_dict() for problem in self.problems],
        }
        if self.sureness is not None:
            found["uncertainty"] = self.sureness.document()
        return found


def _table(table: AssetTable) -> dict[str, Any]:
    return {
        "id": table.id,
        "number": table.number,
        "title": table.title,
        "labels": [{"id": id_, "heading": heading} for id_, heading in table.labels],
        "measures": [
            {"id": measure.id, "heading": measure.heading, "unit": measure.unit, "decimals": measure.decimals}
            for measure in table.measures
        ],
        "rows": [_row(table, at, line) for at, line in enumerate(table.lines)],
        "notes": list(table.notes),
    }


def _row(table: AssetTable, at: int, line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": line.id,
        "kind": line.kind,
        "labels": dict(line.labels),
        "values": {measure.id: table.shown(line, measure) for measure in table.measures},
        "words": dict(line.words),
    }
    if table.intervals:
        found["intervals"] = {
            measure.id: dict(zip(ENDS, table.intervals[at, measure.id], strict=True))
            for measure in table.measures
            if (at, measure.id) in table.intervals
        }
    return found


def file_name(account: AssetAccount) -> str:
    """What the files of an account are called."""
    return re.sub(r"[^a-z0-9_]", "_", account.id)
