"""`@equation`: a formula with the unit of every argument and of its result, proved when it is imported.

    @equation(precipitation="mm/year", runoff_coefficient="1", returns="mm/year", source="...")
    def surface_runoff(precipitation, runoff_coefficient):
        '''Runoff as a share of precipitation.'''
        return precipitation * runoff_coefficient

An equation is called in one of four ways:

* with plain numbers or numpy arrays, already in the declared units (what the engine does): plain numbers come back;
* with pint quantities: a quantity in the declared unit comes back;
* with DataArrays (numpy or dask) that carry a `units` attribute: they are converted, aligned exactly, and a labelled
DataArray comes back, lazy
  where the inputs are lazy;
* with `.at(precipitation="500 mm/year", runoff_coefficient="3.52 percent")`: one worked number, shown with its units.

Arguments whose names begin with `monthly_` carry a leading `month` axis of 12, which the equation reduces itself; one
whose own name begins so gives such an axis back.
"""

from __future__ import annotations

import ast
import hashlib
import html
import inspect
import linecache
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, update_wrapper
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.core.errors import EquationError, UnitError, did_you_mean, failure
from gep.core.messages import say
from gep.core.proof import check_literals, check_units
from gep.core.translation import translated
from gep.core.units import (
    depth_of_water,
    dimensions,
    lacks_year,
    linear,
    normalise,
    parse,
    pretty,
    registry,
    unit_of_attributes,
)

if TYPE_CHECKING:
    import pint
    import xarray as xr

_NUMBER_AND_UNIT = r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)"


class Equation:
    """A formula with declared units, made by `@equation`. It is called in one of four ways:

    * with plain numbers or numpy arrays in the declared units: plain numbers come back, in the unit `returns`;
    * with pint quantities: a quantity in the declared unit comes back;
    * with DataArrays (numpy, dask) that carry `units`: they are converted, aligned exactly by their coordinates, and
      a labelled array comes back, lazy where one of them is lazy;
    * by `.at("500 mm/year", ...)`: one worked number, shown with its formula and its units.

    Missing cells (NaN) stay missing. A bare numpy array beside DataArrays is refused: it has no names of its
    dimensions.

    >>> from gep.services.water_retention import retained_water
    >>> round(retained_water(1200.0, 700.0, 0.0452), 2)
    445.76
    >>> retained_water.at("1200 mm/year", "700 mm/year", "4.52 percent")             # doctest: +SKIP
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        units: Mapping[str, str],
        returns: str,
        *,
        source: str,
        proof: bool = True,
        reason: str = "",
        points: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self.fn = fn
        self.name = fn.__name__
        self.units = {name: units[name] for name in inspect.signature(fn).parameters if name in units}
        self.returns = returns
        self.source = source
        self.is_proved = proof
        self.reason = reason
        self.points = points or {}
        self._check_declaration(units, self.points)
        if proof:
            check_literals(fn, lambda value: isinstance(value, Equation))
            check_units(fn, self.units, returns, self.points)
        update_wrapper(self, fn)

    def _check_declaration(self, units: Mapping[str, str], points: Mapping[str, Sequence[float]]) -> None:
        parameters = set(inspect.signature(self.fn).parameters)
        if missing := parameters - set(units):
            raise EquationError(f"{self.name}: no unit is declared for {', '.join(sorted(missing))}.")
        if extra := (set(units) | set(points)) - parameters:
            raise EquationError(f"{self.name}: {', '.join(sorted(extra))} is declared but is no argument.")
        if not self.is_proved and not self.reason:
            raise EquationError(f"{self.name}: proof=False needs a reason.")
        if not inspect.getdoc(self.fn):
            raise EquationError(f"{self.name}: an equation needs a docstring with its formula and source.")
        for unit in (*units.values(), self.returns):
            if parse(unit).magnitude != 1:
                raise EquationError(f"{self.name}: `{unit}` multiplies a unit; an equation is declared in plain units.")

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Equations travel to workers by name: a formula is code, not data. One that no other process can import, as of
        a notebook, travels as its text, with the equations that it calls.
        """
        module = sys.modules.get(self.fn.__module__)
        if self.fn.__module__ != "__main__" and getattr(module, self.name, None) is self:
            return _by_name, (self.fn.__module__, self.name)
        options = {"source": self.source, "proof": self.is_proved, "reason": self.reason, "points": self.points}
        called = {
            name: of for name in self.fn.__code__.co_names if isinstance(of := self.fn.__globals__.get(name), Equation)
        }
        return _by_text, (self.text, self.fn.__module__, self.units, self.returns, options, called)

    @cached_property
    def text(self) -> str:
        """The text of its function without the decorator; empty where nothing keeps it."""
        try:
            text = textwrap.dedent(inspect.getsource(self.fn))
        except OSError:
            return ""
        return "".join(text.splitlines(keepends=True)[ast.parse(text).body[0].lineno - 1 :])

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments, in order."""
        return tuple(self.units)

    @property
    def monthly(self) -> tuple[str, ...]:
        """Arguments that carry a leading month axis."""
        return tuple(name for name in self.units if name.startswith("monthly_"))

    @cached_property
    def _parts(self) -> tuple[str, str, str]:
        """Summary, formula (the first indented block) and the rest of the docstring."""
        text = inspect.getdoc(self.fn) or ""
        summary, _, rest = text.partition("\n\n")
        formula: list[str] = []
        others: list[str] = []
        for line in rest.split("\n"):
            (formula if line.startswith("    ") and not others else others).append(line)
        while others and not others[0].strip():
            others.pop(0)
        return " ".join(summary.split()), textwrap.dedent("\n".join(formula)).strip(), "\n".join(others).strip()

    @property
    def summary(self) -> str:
        """What it computes, in one sentence."""
        return self._parts[0]

    @property
    def formula(self) -> str:
        """The formula in plain text."""
        return self._parts[1]

    @property
    def symbols(self) -> str:
        """What the symbols mean and what else the docstring says."""
        return self._parts[2]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = self._bind(args, kwargs)
        if any(_is_dataarray(value) for value in given.values()):
            return self._on_dataarrays(given)
        if any(_is_quantity(value) or isinstance(value, str) for value in given.values()):
            return self._on_quantities(given)
        return self.fn(**given)

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        if len(args) > len(self.units):
            raise TypeError(say("core.equation.too_many", equation=self.name, most=len(self.units), given=len(args)))
        given = dict(zip(self.units, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.units:
                near = did_you_mean(name, self.units)
                raise TypeError(say("core.equation.no_argument", equation=self.name, argument=name, hint=near))
            if name in given:
                raise TypeError(say("core.equation.given_twice", equation=self.name, argument=name))
            given[name] = value
        if missing := [name for name in self.units if name not in given]:
            wanted = [f"`{name}` ({self.units[name]})" for name in missing]
            raise TypeError(say("core.equation.also_needs", equation=self.name, wanted=wanted))
        return given

    def _factor(self, name: str, unit: str) -> tuple[float, float]:
        """Scale and offset from a given unit to the declared one, or an error that names the argument. What is a depth
        in a year may be given as a mass of water on an area.
        """
        is_depth = dimensions(self.units[name]) == {"[length]": 1, "[accounting_year]": -1}
        try:
            return linear((is_depth and depth_of_water(unit)) or unit, self.units[name])
        except UnitError as error:
            key = "total_of_year" if lacks_year(unit, self.units[name]) else "argument"
            message = say(
                f"core.equation.{key}",
                equation=self.name,
                argument=name,
                unit=unit,
                needed=self.units[name],
                why=error.message,
            )
            raise UnitError(message, code=error.code) from error

    def _on_quantities(self, given: dict[str, Any]) -> pint.Quantity[Any]:
        result = self.fn(**{name: self._magnitude(name, value) for name, value in given.items()})
        return registry().Quantity(result, parse(self.returns).units)

    def _magnitude(self, name: str, value: Any) -> Any:
        """One argument as a plain number in the declared unit; a bare number only where the declared unit is `1`."""
        number, unit = _split(value)
        if unit is None:
            if parse(self.units[name]).dimensionless and normalise(self.units[name]) == "1":
                return number
            needed = self.units[name]
            message = say("core.equation.bare_number", equation=self.name, argument=name, number=number, needed=needed)
            raise UnitError(message, code="U01")
        scale, offset = self._factor(name, unit)
        return number * scale + offset if (scale, offset) != (1.0, 0.0) else number

    def _on_dataarrays(self, given: dict[str, Any]) -> xr.DataArray:
        import xarray as xr

        names = [name for name in given if _is_dataarray(given[name])]
        for name, value in given.items():
            if (
                name not in names and hasattr(value, "ndim") and value.ndim
            ):  # has no names of its dimensions, and no blocks
                raise EquationError(say("core.equation.bare_array", equation=self.name, argument=name))
        fixed = {name: self._magnitude(name, given[name]) for name in given if name not in names}
        arrays = []
        for name in names:
            array = given[name]
            unit = unit_of_attributes(array.attrs)
            if unit is None:
                message = say(
                    "core.equation.no_units_attribute", equation=self.name, argument=name, needed=self.units[name]
                )
                raise UnitError(message, code="U01")
            if packed := [key for key, plain in _UNPACKED.items() if array.attrs.get(key, plain) != plain]:
                raise EquationError(say("core.equation.packed", equation=self.name, argument=name, attributes=packed))
            scale, offset = self._factor(name, unit)
            if name in self.monthly and ("month" not in array.dims or array.sizes["month"] != 12):
                sizes = dict(array.sizes)
                raise EquationError(say("core.equation.no_months", equation=self.name, argument=name, sizes=sizes))
            arrays.append(
                array.astype(np.float64) * scale + offset if (scale, offset) != (1.0, 0.0) else array.astype(np.float64)
            )
        try:
            arrays = list(xr.align(*arrays, join="exact", copy=False))
        except ValueError as error:
            reason = failure(error)
            raise EquationError(
                say("core.equation.other_grids", equation=self.name, names=names, reason=reason)
            ) from error

        makes_months = self.name.startswith("monthly_")
        result: xr.DataArray = xr.apply_ufunc(
            partial(_on_blocks, self, tuple(names), fixed),
            *arrays,
            input_core_dims=[["month"] if name in self.monthly else [] for name in names],
            output_core_dims=[["month"] if makes_months else []],
            dask="parallelized",
            output_dtypes=[np.float64],
            dask_gufunc_kwargs={"allow_rechunk": True, **({"output_sizes": {"month": 12}} if makes_months else {})},
        )
        mapping = next(filter(None, (given[name].encoding.get("grid_mapping") for name in names)), None)
        result.encoding = {"grid_mapping": mapping} if mapping in result.coords else {}
        result.name = self.name
        result.attrs = {"units": self.returns, "long_name": self.summary}
        return result

    def at(self, *args: Any, **kwargs: Any) -> Worked:
        """One worked number: every argument with its unit, as `"500 mm/year"` or a quantity; pure numbers may stand
        alone.

        The result shows formula, numbers put in, and the value in the declared unit; `.result` is the quantity itself.

        Args:
            args: arguments in their order.
            kwargs: arguments by name.

        Raises:
            UnitError: for a unit of another dimension.
        """
        given = self._bind(args, kwargs)
        return Worked(self, {name: _split(value) for name, value in given.items()}, self._on_quantities(given))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name} [{unit}]" for name, unit in self.units.items())
        return f"<equation {self.name}({arguments}) -> [{self.returns}]>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{html.escape(n)}</code></td><td>{html.escape(pretty(u))}</td></tr>"
            for n, u in self.units.items()
        )
        reason = translated(self.reason).both
        summary, source = (html.escape(translated(text).both) for text in (self.summary, self.source))
        proof = say("core.equation.page.proved") if self.is_proved else say("core.equation.page.not_proved", why=reason)
        argument, unit, result = (say(f"core.equation.page.{name}").both for name in ("argument", "unit", "result"))
        return (
            f"<div><b>{html.escape(self.name)}</b>: {summary}<pre>{html.escape(self.formula)}</pre>"
            f"<p style='white-space:pre-line'>{html.escape(self.symbols)}</p>"
            f"<table><thead><tr><th>{argument}</th><th>{unit}</th></tr></thead><tbody>{rows}"
            f"<tr><td><i>{result}</i></td><td>{html.escape(pretty(self.returns))}</td></tr></tbody></table>"
            f"<small>{source} · {html.escape(proof.both)}</small></div>"
        )


@dataclass(frozen=True, repr=False)
class Worked:
    """An equation evaluated at one point, with units in and out."""

    equation: Equation
    inputs: Mapping[str, tuple[Any, str | None]]
    result: pint.Quantity[Any]

    @property
    def value(self) -> float:
        """The result as a plain number in the equation's declared unit."""
        return float(self.result.magnitude)

    def to(self, unit: str) -> pint.Quantity[Any]:
        """The result in another unit."""
        return self.result.to(parse(unit).units)

    def __str__(self) -> str:
        lines = [self.equation.summary, textwrap.indent(self.equation.formula, "    ")]
        lines += [
            f"    {name} = {number:.10g} {pretty(unit) if unit else ''}".rstrip()
            for name, (number, unit) in self.inputs.items()
        ]
        return "\n".join([*lines, f"    {self.equation.name} = {self.value:.10g} {pretty(self.equation.returns)}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _on_blocks(equation: Equation, names: Sequence[str], fixed: Mapping[str, Any], *blocks: Any) -> Any:
    """An equation on blocks of its arrays, months last. It stands by itself, so that what is lazy can be pickled."""
    depth = max(block.ndim - (name in equation.monthly) for name, block in zip(names, blocks, strict=True))
    moved = [
        np.moveaxis(block.reshape((1,) * (depth + 1 - block.ndim) + block.shape), -1, 0)
        if name in equation.monthly
        else block
        for name, block in zip(names, blocks, strict=True)
    ]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        found = equation.fn(**dict(zip(names, moved, strict=True)), **fixed)
    return np.moveaxis(found, 0, -1) if equation.name.startswith("monthly_") else found


_UNPACKED = {"scale_factor": 1, "add_offset": 0}
"""Attributes of numbers as a file stores them, and what they are where the numbers are the values."""


def _is_dataarray(value: object) -> bool:
    return type(value).__name__ == "DataArray" and hasattr(value, "dims")


def _is_quantity(value: object) -> bool:
    return hasattr(value, "magnitude") and hasattr(value, "units")


def _split(value: Any) -> tuple[Any, str | None]:
    """A value and its unit text, from a quantity (of any registry), a text like "500 mm/year", or a bare number."""
    import re

    if _is_quantity(value):
        return value.magnitude, str(value.units)
    if isinstance(value, str):
        match = re.fullmatch(_NUMBER_AND_UNIT, value)
        if not match:
            raise UnitError(say("core.equation.no_number_with_unit", value=value))
        return float(match[1]), match[2].strip() or None
    return value, None


def _by_name(module: str, name: str) -> Equation:
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise EquationError(say("core.equation.not_here", equation=name, module=module)) from error
    assert isinstance(found, Equation)
    return found


def _by_text(
    text: str,
    module: str,
    units: Mapping[str, str],
    returns: str,
    options: Mapping[str, Any],
    called: Mapping[str, Equation],
) -> Equation:
    """An equation anew from the text of its function, which stays where `inspect` finds it."""
    file = f"<equation {hashlib.sha256(text.encode()).hexdigest()[:20]}>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    scope = {"np": np, "__name__": module, **called}
    exec(compile(text, file, "exec"), scope)
    (fn,) = (of for of in scope.values() if isinstance(of, FunctionType) and of.__code__.co_filename == file)
    return Equation(fn, units, returns, **options)


def equation(
    *,
    returns: str,
    source: str = "",
    proof: bool = True,
    reason: str = "",
    points: Mapping[str, Sequence[float]] | None = None,
    **units: str,
) -> Callable[[Callable[..., Any]], Equation]:
    """Declare the unit of every argument and of the result of a formula, and prove it.

    The function under it has a docstring with a sentence, the formula as an indented block and its symbols, and holds
    no numbers but 0, 1, 2 and exponents. Units are proved by evaluating it with plain numbers, with quantities in the
    declared units and with quantities in base units, which must agree.

    >>> @gep.equation(rain="m/year", share="1", returns="m/year", source="a manual")       # doctest: +SKIP
    ... def runoff(rain, share):
    ...     "Runoff as a share of rain."
    ...     return rain * share

    Args:
        returns: the unit of the result.
        source: the clause that the formula comes from.
        proof: False for fits that are not homogeneous; they are listed in the reference, and tested by giving the same
            data in other units.
        reason: why there is no proof.
        points: sample values by argument, in the declared unit, where the general ones (0.01 to 100) miss its range or
            its thresholds.
        units: the unit of each argument, by its name. Arguments that begin with `monthly_` carry a leading axis of 12.

    Raises:
        EquationError: where units do not work out, a number with a meaning stands in the code, or the docstring is
            missing.
    """
    return partial(_make, units=units, returns=returns, source=source, proof=proof, reason=reason, points=points)


def _make(fn: Callable[..., Any], *, units: Mapping[str, str], returns: str, **options: Any) -> Equation:
    return Equation(fn, units, returns, **options)
