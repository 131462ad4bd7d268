"""Coefficients as a notebook gives them: numbers, texts, mappings, frames and arrays, made into rows.

    {"runoff_coefficient": 0.05}                                      a number without unit, for every class
    {"reservoir_cost": {"value": 8, "unit": "CNY/m^3", "price_year": 2020}}
    {"runoff_coefficient": {"forest": 0.04, "forest/mixed": "3.5 percent"}}
    {"runoff_coefficient": DataArray(..., dims="draw")}               one row for each draw
    a DataFrame with the columns of a table of coefficients

An array of a dimension `class` holds a row for each of its labels (`forest/mixed`). Every other dimension is a way in
which the number varies: what is computed with it has that dimension too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep.core.catalog import layer_kinds
from gep.core.errors import Problem, UsageError, did_you_mean, problem
from gep.core.messages import Text, say
from gep.standards.coefficients import (
    COLUMNS,
    Coefficient,
    RowKey,
    constant_names,
    named_cells,
    read_coefficients,
    read_row,
    study_inputs,
)
from gep.standards.profile import Profile

if TYPE_CHECKING:
    import xarray as xr

OF_CLASS = "class"
"""The dimension of an array along which land classes lie."""

_NUMBER_AND_UNIT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)")


@dataclass
class Given:
    """The rows given, the arrays of those that vary by their keys, and what is wrong with them."""

    rows: list[Coefficient] = field(default_factory=list)
    arrays: dict[RowKey, xr.DataArray] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def varied(self, rows: Sequence[Coefficient], point: Mapping[Any, int]) -> list[Coefficient]:
        """Some rows at a point of the dimensions in which they vary."""
        return [self._at(row, point) for row in rows]

    def _at(self, row: Coefficient, point: Mapping[Any, int]) -> Coefficient:
        array = self.arrays.get(row.key)
        if array is None:
            return row
        return replace(row, value=float(array.isel({dim: at for dim, at in point.items() if dim in array.dims})))

    @property
    def extremes(self) -> list[Coefficient]:
        """The rows that vary, at their least and at their greatest number."""
        rows = [row for row in self.rows if row.key in self.arrays]
        return [replace(row, value=float(of(self.arrays[row.key]))) for row in rows for of in (np.min, np.max)]

    def add(self, texts: Mapping[str, str], place: Text, array: xr.DataArray | None = None) -> None:
        """One row, by the texts of its columns."""
        cells = {column: texts.get(column, "") for column in COLUMNS} | {"source": texts.get("source") or "notebook"}
        row, found = read_row(cells, place, place, is_shipped=False)
        self.problems += found
        if row is None or found:
            return
        if any(row.key == other.key for other in self.rows):
            self.problems.append(problem("standards.C02.given_twice", row.id, place=place))
            return
        self.rows.append(row)
        if array is not None:
            self.arrays[row.key] = array


def is_value(given: object) -> bool:
    """Whether something is the value of a coefficient, and not the path of a table of them."""
    if isinstance(given, str):
        return _NUMBER_AND_UNIT.fullmatch(given) is not None
    return isinstance(given, Real | Mapping) or hasattr(given, "magnitude") or _is_array(given)


def rows_given(given: Any, argument: str = "coefficients") -> Given:
    """Rows of a table (its path, or a frame), a mapping, or a sequence of rows; what is wrong is among the problems.

    Raises UsageError for what is none of these, with the forms that there are.
    """
    found = Given()
    if isinstance(given, str | Path):
        rows, found.problems = read_coefficients(Path(given), is_shipped=False)
        found.rows.extend(rows)
    elif isinstance(given, pd.DataFrame):
        _of_frame(found, given, argument)
    elif isinstance(given, Mapping):
        for name, value in given.items():
            _of_value(found, {"coefficient": str(name)}, value, _place(argument, name))
    elif isinstance(given, Sequence) and all(isinstance(row, Coefficient) for row in given):
        found.rows.extend(given)
    else:
        raise _unusable(Text(argument, argument), given)
    return found


def check_names(rows: Sequence[Coefficient], profile: Profile) -> Iterator[Problem]:
    """Rows of a name that nothing is called by: they would be used by nothing."""
    known = {row.name for table in profile.tables for row in table} | {*study_inputs(), *constant_names()}
    known |= {*layer_kinds()}
    for row in rows:
        if row.name not in known:
            yield problem("standards.C03.unknown_name", row.name, place=row.place, hint=did_you_mean(row.name, known))


def _place(argument: str, name: object) -> Text:
    text = f"{argument}[{name!r}]"
    return Text(text, text)


def _unusable(place: Text, given: object) -> UsageError:
    return UsageError(say("standards.unusable_coefficient", place=place, found=type(given).__name__))


def _of_frame(found: Given, frame: pd.DataFrame, argument: str) -> None:
    texts = frame.astype(object).where(frame.notna(), "")
    lines = [named_cells({str(key): str(cell) for key, cell in row.items()}) for row in texts.to_dict("records")]
    header = set(lines[0]) if lines else {str(column) for column in frame.columns}
    place = Text(argument, argument)
    if not lines:
        found.problems.append(problem("standards.C01.no_rows", argument, place=place))
    for column in [column for column in ("coefficient", "value", "unit") if column not in header]:
        allowed = ",".join(COLUMNS)
        found.problems.append(problem("standards.C01.missing", column, place=place, allowed=allowed, column=column))
    for column in sorted(header - set(COLUMNS)):
        hint = did_you_mean(column, COLUMNS)
        found.problems.append(problem("standards.C01.unknown", column, place=place, column=column, hint=hint))
    for number, cells in enumerate(lines) if not found.problems else ():
        found.add(cells, say("standards.row_of", place=argument, row=number))


def _of_value(found: Given, where: Mapping[str, str], value: Any, place: Text) -> None:
    """The rows of one coefficient; `where` are the columns that are known already."""
    if isinstance(value, Mapping) and "value" in value:
        more = {str(key): "" if cell is None else str(cell) for key, cell in value.items()}
        for column in sorted(set(more) - set(COLUMNS)):
            hint = did_you_mean(column, COLUMNS)
            found.problems.append(problem("standards.C01.unknown", column, place=place, column=column, hint=hint))
        inner = value["value"]
        if _is_array(inner):
            _of_array(found, {**more, **where}, inner, place)
        else:
            number, unit = _split(inner, place)
            found.add({**more, "unit": more.get("unit") or unit, **where, "value": number}, place)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            ecosystem, _, land_class = str(name).partition("/")
            at = Text(f"{place}[{name!r}]", f"{place.zh}[{name!r}]")
            _of_value(found, {**where, "ecosystem": ecosystem, "class": land_class}, inner, at)
    elif _is_array(value):
        _of_array(found, where, value, place)
    else:
        number, unit = _split(value, place)
        found.add({**where, "value": number, "unit": unit}, place)


def _of_array(found: Given, where: Mapping[str, str], array: xr.DataArray, place: Text) -> None:
    """A row for each class of an array; of its other dimensions the first number stands in the row."""
    unit = {"unit": where.get("unit") or str(array.attrs.get("units", "1"))}
    if not np.issubdtype(array.dtype, np.number):
        raise _unusable(place, np.ravel(array)[0] if array.size else array)
    if OF_CLASS in array.dims:
        for label in np.asarray(array[OF_CLASS]).tolist():
            ecosystem, _, land_class = str(label).partition("/")
            at = Text(f"{place}[{label!r}]", f"{place.zh}[{label!r}]")
            one = array.sel({OF_CLASS: label}, drop=True)
            _of_array(found, {**where, "ecosystem": ecosystem, "class": land_class}, one, at)
        return
    numbers = np.asarray(array, dtype=float).ravel()
    if not len(numbers) or not np.isfinite(numbers).all():
        found.problems.append(
            problem("standards.C03.no_number", where["coefficient"], place=place, found="NaN", column="value")
        )
        return
    array = array.assign_attrs(units=unit["unit"])
    found.add({**where, **unit, "value": repr(float(numbers[0]))}, place, array if array.ndim else None)


def _split(value: Any, place: Text) -> tuple[str, str]:
    """A number and its unit, as texts."""
    if hasattr(value, "magnitude") and hasattr(value, "units"):
        return repr(float(value.magnitude)), str(value.units)
    if isinstance(value, Real) and value is not True and value is not False:
        return repr(float(value)), "1"
    if isinstance(value, str) and (match := _NUMBER_AND_UNIT.fullmatch(value)):
        return match[1], match[2] or "1"
    raise _unusable(place, value)


def _is_array(value: object) -> bool:
    return type(value).__name__ == "DataArray" and hasattr(value, "dims")
