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
from gep.core.messages import Text, say

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

    def to_dataframe(self, language: str = "en") -> pd.DataFrame:
        """The table as a frame: labels as they are called, measures as numbers in the unit of their heading."""
        import pandas as pd

        rows = []
        for line in self.lines:
            row: dict[str, Any] = {id_: line.labels[id_].to(language) for id_, _ in self.labels if id_ in line.labels}
            for measure in self.measures:
                word = line.words.get(measure.id)
                number = self.shown(line, measure)
                row[measure.id] = word.to(language) if number is None and word is not None else number
            rows.append(row)
        frame = pd.DataFrame(rows, columns=[*(id_ for id_, _ in self.labels), *(m.id for m in self.measures)])
        frame.attrs["units"] = {measure.id: measure.unit for measure in self.measures}
        return frame


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
        from gep.assets.uncertainty import uncertainty_of

        return uncertainty_of(self, draws=draws, seed=seed, level=level, correlations=correlations)

    def with_intervals(self, found: AssetUncertainty | None = None) -> AssetAccount:
        """The same with the interval of each figure in its frames, files and documents: of `found`, or of
        `uncertainty()`.
        """
        return replace(self, sureness=found or self.uncertainty())

    def interval(self, table: AssetTable, line: int, measure: Measure) -> tuple[float, float] | None:
        """Between what a figure lies, in the unit of its measure; None where nothing is known of it, or was asked."""
        found = None if self.sureness is None else self.sureness.by_figure.get((table.id, line, measure.id))
        if found is None or found.lower is None or found.upper is None:
            return None
        return found.lower, found.upper

    def has_intervals(self, table: AssetTable, measure: Measure) -> bool:
        """Whether any figure of a measure has one."""
        return any(self.interval(table, at, measure) for at in range(len(table.lines)))

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
        """The account as JSON: {schema, account, title, name, year, never_added, switches, tables, problems}."""
        return {
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
        "rows": [
            {
                "id": line.id,
                "kind": line.kind,
                "labels": dict(line.labels),
                "values": {measure.id: table.shown(line, measure) for measure in table.measures},
                "words": dict(line.words),
            }
            for line in table.lines
        ],
        "notes": list(table.notes),
    }


def file_name(account: AssetAccount) -> str:
    """What the files of an account are called."""
    return re.sub(r"[^a-z0-9_]", "_", account.id)
