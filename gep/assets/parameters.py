"""Parameters of accounts beside GEP: rows of `assets/*.csv` with the columns of coefficients, but for `of` in place of
a land class (what the row is of: an animal, a steppe and a season, a species, as `kinds.csv` names them), and bounds
(`above`, `up_to` in `bound_unit`) where a row holds for a range of another quantity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gep.assets.figures import Figure
from gep.assets.rows import Parameter, kind_name, kinds
from gep.core.data import data_files, line_of, read_csv, renewed
from gep.core.errors import CoefficientError, Problem, UnitError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.core.units import dimensions
from gep.standards.coefficients import COLUMNS as OF_COEFFICIENTS
from gep.standards.coefficients import OPTIONAL, read_row, regions_of

COLUMNS = (
    *("of" if column == "class" else column for column in OF_COEFFICIENTS),
    "above",
    "up_to",
    "bound_unit",
)
_MAY_LACK = (*OPTIONAL, "above", "up_to", "bound_unit")


def read_parameters(path: Path, *, is_shipped: bool = True) -> tuple[list[Parameter], list[Problem]]:
    """The rows of a table, and every problem in it with its line. A row with a problem is left out.

    Args:
        path: a CSV with the columns of parameters.
        is_shipped: whether each source must be one of the shipped documents; a table of one's own names any.
    """
    rows: list[Parameter] = []
    problems: list[Problem] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, cells in read_csv(path):
        place = line_of(path, line)
        if unknown := [name for name in cells if name not in COLUMNS]:
            hint = did_you_mean(unknown[0], COLUMNS)
            problems.append(problem("standards.C01.unknown", unknown[0], place=place, column=unknown[0], hint=hint))
            break
        if lacking := [name for name in COLUMNS if name not in cells and name not in _MAY_LACK]:
            allowed = ",".join(COLUMNS)
            problems.append(
                problem("standards.C01.missing", lacking[0], place=place, allowed=allowed, column=lacking[0])
            )
            break
        texts = {name: cells.get(name, "") for name in OF_COEFFICIENTS} | {"class": ""}
        row, found = read_row(texts, path.stem, place, is_shipped=is_shipped)
        above, up_to, wrong = _bounds(cells, place)
        found += wrong
        if is_shipped:
            found += [
                problem("assets.K01.unknown_kind", cells["coefficient"], place=place, found=part)
                for part in (*cells["of"].split("/"), cells["region"])
                if part and part not in kinds()
            ]
        problems += found
        if row is None or found:
            continue
        parameter = Parameter(row, cells["of"], above, up_to, cells.get("bound_unit", ""))
        if parameter.key in seen:
            problems.append(problem("standards.C02.same_line", row.id, place=place, line=seen[parameter.key]))
        else:
            seen[parameter.key] = line
            rows.append(parameter)
    return rows, problems


def _bounds(cells: Mapping[str, str], place: Text) -> tuple[float | None, float | None, list[Problem]]:
    """The bounds of a row, and what is wrong with them."""
    found: dict[str, float | None] = {}
    problems = []
    for column in ("above", "up_to"):
        text = cells.get(column, "")
        try:
            found[column] = float(text) if text else None
        except ValueError:
            found[column] = None
            problems.append(
                problem("standards.C03.no_number", cells["coefficient"], place=place, found=text, column=column)
            )
    above, up_to, unit = found["above"], found["up_to"], cells.get("bound_unit", "")
    if (above is not None or up_to is not None) and not unit:
        problems.append(problem("assets.K01.bound_without_unit", cells["coefficient"], place=place))
    if above is not None and up_to is not None and above >= up_to:
        problems.append(problem("assets.K01.bounds", cells["coefficient"], place=place, above=above, up_to=up_to))
    if unit:
        try:
            dimensions(unit)
        except UnitError as error:
            problems.append(
                problem("standards.U02.row", cells["coefficient"], place=place, found=unit, why=error.message)
            )
    return above, up_to, problems


def parameter_files() -> list[Path]:
    """The shipped tables of parameters."""
    return [path for path in data_files("assets/*.csv") if path.stem not in ("kinds", "columns")]


@renewed
@cache
def shipped_parameters() -> tuple[Parameter, ...]:
    """Every row that is shipped. Raises CoefficientError where one is wrong: `tests/assets` holds that none is."""
    rows: list[Parameter] = []
    problems: list[Problem] = []
    for path in parameter_files():
        read, found = read_parameters(path)
        rows += read
        problems += found
    if problems:
        raise CoefficientError(say("assets.wrong_parameters"), problems)
    return tuple(rows)


class Parameters:
    """Rows to look numbers up in: those of a study first, then the shipped ones.

    A row of the study wins over every shipped one that it could stand for. Of equals the one of the region, then the
    latest that is in force in the year.
    """

    def __init__(self, own: Iterable[Parameter] = (), shipped: Sequence[Parameter] | None = None) -> None:
        self.tables = (tuple(own), tuple(shipped_parameters() if shipped is None else shipped))

    def rows(self, name: str) -> list[Parameter]:
        """Every row of a name, the study's first."""
        return [parameter for table in self.tables for parameter in table if parameter.row.name == name]

    def lookup(
        self,
        name: str,
        *,
        ecosystem: str = "",
        of: str = "",
        region: str = "",
        year: int | None = None,
        at: Figure | None = None,
    ) -> Figure | None:
        """The number that holds, as a figure; None where there is none.

        Args:
            name: the coefficient.
            ecosystem: an ecosystem; rows without one hold for any.
            of: what it is of, exactly as `kinds.csv` has it; rows without one hold for any.
            region: the region whose rows are preferred; several with commas.
            year: the year; a row holds from its first year on.
            at: the other quantity, for rows with bounds.
        """
        regions = ("", *regions_of(region))
        for table in self.tables:
            found = [
                parameter
                for parameter in table
                if parameter.row.name == name
                and parameter.of in ("", of)
                and parameter.row.ecosystem in ("", ecosystem)
                and parameter.row.region in regions
                and (year is None or parameter.row.from_year is None or parameter.row.from_year <= year)
                and parameter.holds_at(at.value if at else None, at.unit if at else "")
            ]
            if found:
                best = max(found, key=_rank)
                return Figure(best.row.value, best.row.unit, row=best)
        return None

    def find(
        self,
        name: str,
        *,
        ecosystem: str = "",
        of: str = "",
        region: str = "",
        year: int | None = None,
        at: Figure | None = None,
        place: Text | None = None,
    ) -> Figure:
        """As `lookup`; raises CoefficientError (K01), which says what there is, where there is none."""
        figure = self.lookup(name, ecosystem=ecosystem, of=of, region=region, year=year, at=at)
        if figure is not None:
            return figure
        there = list(dict.fromkeys(f"`{row.of}`" for row in self.rows(name) if row.of))
        found = problem("assets.K01.none", name, place=place or "", of=kind_name(of), found=of, there=there)
        raise CoefficientError(say("assets.no_parameter", name=name), [found])


def _rank(parameter: Parameter) -> tuple[bool, bool, bool, float]:
    """The more special row wins, then the later one."""
    row = parameter.row
    return bool(parameter.of), bool(row.ecosystem), bool(row.region), row.from_year or -math.inf
