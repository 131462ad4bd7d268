"""A change of land cover: the cells of some classes become another one, with all numbers that follow from the class.

What a coefficient or a derivation says of a class moves with it. A layer that was measured over the old cover does not
know of the change: it is named, or moved to what it is, on average, where the new class already stands.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from affine import Affine
from numpy.typing import NDArray
from rasterio import features

from gep.account.accounts import Accounts
from gep.account.changes import settled
from gep.account.course import check_course, lost, present_value, reached
from gep.account.plots import plot_changes
from gep.account.uncertain.change import ChangeInterval, uncertainty_of_change
from gep.account.uncertain.result import Interval
from gep.core.catalog import ecosystem_ids
from gep.core.errors import InputError, Problem, UsageError, did_you_mean
from gep.core.messages import Text, in_language, joined, listed, say, sentences
from gep.engine.run import Progress
from gep.inputs.grids.layers import MISSING_CODE, Layer, LayerSpec
from gep.inputs.grids.parcels import parcels_of, shapes_of
from gep.inputs.grids.zones import Mode
from gep.inputs.items import product_services
from gep.inputs.open import Inputs
from gep.inputs.spec import StudySpec
from gep.plan.planner import StudyPlan
from gep.standards.land_rules import ANY, LandRule, find_rule
from gep.study.conversion import OF_COVER, Turned, known_classes, turned, without_axis
from gep.study.whole_layers import bare_spec, codes_of, decoded, mean_over, on_lattice, positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Cells = NDArray[np.bool_]
Cell = tuple[str, str]


Worthy = Literal["damage", "benefit"]


@dataclass(frozen=True)
class Conversion:
    """What becomes of a study: its specification, how many cells are converted, the layers that were moved with the
    class and those that still belong to the old cover.
    """

    spec: StudySpec
    cells: int
    moved: tuple[str, ...]
    stale: tuple[str, ...]
    to: str
    products: tuple[str, ...]

    @property
    def said_of_land(self) -> Text:
        """How many cells become what."""
        return say("study.scenario.cells", count=self.cells, to=self.to)

    @property
    def said(self) -> Text:
        """What the conversion does, and what it leaves as it was."""
        parts = [self.said_of_land]
        if self.moved:
            parts.append(say("study.scenario.moved", layers=listed(self.moved), to=self.to))
        if self.stale:
            parts.append(say("study.scenario.stale", layers=listed(self.stale)))
        if self.products:
            parts.append(say("study.scenario.products", services=listed(self.products)))
        return sentences(*parts)


@dataclass(frozen=True)
class Scenario:
    """A study before and after a conversion of its land cover.

    `stale` are the given layers that still belong to the old cover: what they go into does not show the change. Where
    only parts of cells are converted there is no study of it (`after` is None), and the accounts alone tell.
    """

    before: Any
    after: Any
    conversion: Conversion | Turned
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stale(self) -> tuple[str, ...]:
        """The given layers that follow from what grows on a cell and were not moved."""
        if isinstance(self.conversion, Turned):
            return tuple(stale.layer for stale in self.conversion.stale)
        return self.conversion.stale

    @property
    def said(self) -> Text:
        """What was converted, and what still belongs to the old cover, in both languages."""
        return self.conversion.said

    def accounts(self, *, threads: int | None = None, progress: Progress | None = None) -> Accounts:
        """Both accounts, along `scenario`: before, after. Computed once.

        Args:
            threads: as in `Study.run`, like `progress`.
            progress: called with the windows that are done.
        """
        if "both" not in self._known:
            if isinstance(self.conversion, Turned):
                both = self.before.before_and_after(self.conversion, threads=threads, progress=progress)
            else:
                options: dict[str, Any] = {"threads": threads, "progress": progress}
                both = tuple(study.run(**options) for study in (self.before, self.after))
            names = ("before", "after")
            found = {(name,): account for name, account in zip(names, both, strict=True)}
            self._known["both"] = Accounts({"scenario": names}, found)
        known: Accounts = self._known["both"]
        return known

    def difference(self, *keys: str, measure: Any = "value") -> pd.DataFrame:
        """What changes from before to after, as `Accounts.difference` has it.

        >>> scenario.difference("service")                                             # doctest: +SKIP

        Args:
            keys: what it is by, as in `Account.by`; zone and service if none are named.
            measure: "value" (CNY), "quantity" or "area" (m2).
        """
        return self.accounts().difference(*keys, measure=measure, scenario=("before", "after"))

    def uncertainty(self, **options: Any) -> ChangeInterval:
        """How sure the change is, in all and by service and county: what is wrong with a number that both accounts
        rest on cancels.

        Args:
            options: `draws`, `seed` and `level`, as in `Account.uncertainty`.
        """
        key = f"uncertainty {sorted(options.items())}"
        if key not in self._known:
            before, after = self.accounts()
            self._known[key] = uncertainty_of_change(before, after, **options)
        known: ChangeInterval = self._known[key]
        return known

    def to_frame(self, key: str = "service") -> pd.DataFrame:
        """The change by service or county: before, after, change, share, and between which ends the change lies; they
        are empty where nothing of the uncertainty is known.

        Args:
            key: "service" or "zone".
        """
        found = self.difference(key)
        parts = self.uncertainty().parts
        ends = [parts[key, name][1:] if (key, name) in parts else (None, None) for name in found[key]]
        columns = (np.array(column, dtype=np.float64) for column in zip(*ends, strict=True))
        return found.assign(**dict(zip(("lower", "upper"), columns, strict=True)))

    def worth(
        self,
        what: Worthy = "damage",
        *,
        years: int = 1,
        course: str = "step",
        ramp: int = 0,
        rate: float | None = None,
    ) -> Worth:
        """What is lost or gained over several years, at the prices of the account.

        >>> scenario.worth("damage", years=10, course="linear", rate=0.03).total      # doctest: +SKIP

        Args:
            what: "damage", what is lost until the land has recovered, or "benefit", what a project brings.
            years: until it has recovered; over how many years the benefit is told.
            course: how land recovers: "step", all at once at the end, or "linear".
            ramp: in how many years a project reaches its whole benefit.
            rate: the discount rate of money as a share, 0.03; nothing is discounted without one.

        Raises:
            UsageError: for years, a course or a rate that cannot be.
        """
        check_course(years, course, rate, ramp)
        before, after = (account.totals("service") for account in self.accounts())
        sign = -1.0 if what == "damage" else 1.0
        names = dict.fromkeys((*before, *after))
        changes = {name: (before.get(name, 0.0), after.get(name, 0.0)) for name in names}
        yearly = {name: sign * (settled(now, then) - then) for name, (then, now) in changes.items()}
        shares = lost(years, "linear" if course == "linear" else "step") if what == "damage" else reached(years, ramp)
        ends = self.uncertainty().change
        return Worth(what, yearly, shares, rate, _signed(ends, sign))

    def plot(self, *, language: str = "en", ax: Axes | None = None) -> Axes:
        """The change by service as bars (extra `report`).

        Args:
            language: "en" or "zh".
            ax: the axes to draw on; new ones if not given.
        """
        found = self.difference("service")
        changes = {name: change for name, change in zip(found["service"], found["change"], strict=True) if change}
        return plot_changes(changes, in_language(self.conversion.said_of_land, language), language=language, ax=ax)

    def __repr__(self) -> str:
        return f"<Scenario {self.said}>"


def _signed(interval: Interval, sign: float) -> Interval:
    """A change as a loss or a gain."""
    if interval.lower is None or interval.upper is None:
        return Interval(sign * interval.value)
    return Interval(sign * interval.value, *sorted((sign * interval.lower, sign * interval.upper)))


@dataclass(frozen=True)
class Worth:
    """What is lost (`damage`) or gained (`benefit`) in a year of the whole effect, in CNY by service, and what share of
    it in each year. What a service gains is a negative loss.
    """

    what: Worthy
    yearly: Mapping[str, float]
    shares: tuple[float, ...]
    rate: float | None
    interval: Interval
    """Of a year of the whole effect."""

    @property
    def year(self) -> float:
        """A year of the whole effect, CNY."""
        return math.fsum(self.yearly.values())

    @property
    def total(self) -> float:
        """All years, discounted where a rate is given, CNY."""
        return self.over_years(self.year)

    def over_years(self, yearly: float) -> float:
        """What a yearly amount of money comes to over the years, discounted where a rate is given."""
        return present_value(yearly, self.shares, self.rate or 0.0)

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Between which the total lies: what the account is wrong by, it is wrong by in every year."""
        lower, upper = self.interval.lower, self.interval.upper
        return (None, None) if lower is None or upper is None else (self.over_years(lower), self.over_years(upper))


def land_turned(
    inputs: Inputs,
    plan: StudyPlan,
    where: Any,
    rule: tuple[str | Sequence[str] | None, str, str],
    share: float,
    values: Mapping[str, Any],
    coverage: Mode,
) -> Turned:
    """A part of some land as it becomes other land, by classes or by a rule. Raises InputError or UsageError with
    everything that is wrong with what was given.
    """
    from_, to, name = rule
    assert inputs.zones is not None
    assert inputs.grid is not None
    outline, crs = inputs.zones.outline, inputs.grid.crs
    found_rule, _, parcels = together(
        lambda: _rule(inputs, from_, to, name),
        lambda: _check_share(share),
        lambda: parcels_of(where, crs, outline, share=share, mode=coverage),
    )
    return turned(inputs, plan, found_rule, parcels, values)


def _rule(inputs: Inputs, from_: str | Sequence[str] | None, to: str, name: str) -> LandRule:
    known = known_classes(inputs)
    if name:
        rule = find_rule(name, inputs.spec.scenarios)
        if to:
            rule = replace(rule, becomes=dict.fromkeys(rule.becomes, (to,)))
    else:
        sources = [from_] if isinstance(from_, str) else list(from_ or (ANY,))
        rule = LandRule(f"{', '.join(sources)} → {to}", say("scenario.own_rule", to=to), dict.fromkeys(sources, (to,)))
    rule.check(known)
    return rule


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise UsageError(say("scenario.no_share", share=share))


def together(*steps: Callable[[], Any]) -> tuple[Any, ...]:
    """What steps come to that do not rest on each other. Raises what is wrong with all of them at once."""
    found: list[Any] = []
    wrong: list[Text] = []
    problems: list[Problem] = []
    for step in steps:
        try:
            found.append(step())
        except (InputError, UsageError) as error:
            wrong.append(Text(error.message, in_language(error.message, "zh")))
            problems += error.problems
    if wrong:
        raise (InputError if problems else UsageError)(joined(wrong, "\n"), problems)
    return tuple(found)


def converted(
    inputs: Inputs, where: Any, from_: str | Sequence[str] | None, to: str, moved: Sequence[str]
) -> Conversion:
    """The study with the cells of `where` that are of the classes `from_` turned into the class `to`.

    Raises UsageError for a class, layer or place that is not there.
    """
    cover = inputs.land_cover
    assert cover is not None
    classes = inputs.scheme.by_number()
    codes = codes_of(cover)
    target = _class(to, "to", None)
    sources = [
        _class(name, "from_", set(classes.values())) for name in ([from_] if isinstance(from_, str) else from_ or ())
    ]
    is_source = {number for number, cell in classes.items() if not sources or any(_is_of(cell, of) for of in sources)}
    changed = _place(where, cover) & np.isin(codes, list(is_source)) & (codes != MISSING_CODE)
    number, more = _number(classes, target, codes)
    changed &= codes != number
    if not changed.any():
        raise UsageError(
            say("study.scenario.no_cell", classes=listed([from_] if isinstance(from_, str) else from_ or ["—"]))
        )
    spec = inputs.spec
    layers = dict(spec.layers)
    of_target = np.isin(codes, [at for at, cell in classes.items() if cell == target])
    for name in moved:
        layer = _layer(inputs, name)
        layers[layer.spec.name] = _moved(layer, cover, changed, of_target, to)
    given = [name for name in inputs.layers if without_axis(name) in OF_COVER]
    products = [name for name in product_services() if any(row.base == name for row in inputs.statistics)]
    return Conversion(
        replace(
            spec,
            land_cover=_as_array(cover, np.where(changed, number, codes)),
            scheme_map={**spec.scheme_map, **more},
            layers=layers,
        ),
        int(changed.sum()),
        tuple(moved),
        tuple(name for name in given if name not in moved),
        to,
        tuple(products),
    )


# classes --------------------------------------------------------------------------------------------------------------


def _class(name: str, argument: str, known: set[Cell] | None) -> Cell:
    """An ecosystem and class; of `known` ones, an ecosystem stands for all of its classes."""
    ecosystem, _, land_class = str(name).partition("/")
    names = list(ecosystem_ids())
    if known is not None:
        names = sorted({"/".join(filter(None, cell)) for cell in known} | {of for of, _ in known})
    if (ecosystem if known is None else name) not in names:
        hint = did_you_mean(str(name), names)
        raise UsageError(say("study.scenario.no_class", argument=argument, name=name, hint=hint, known=names))
    return ecosystem, land_class


def _is_of(cell: Cell, source: Cell) -> bool:
    return cell[0] == source[0] and source[1] in ("", cell[1])


def _number(classes: Mapping[int, Cell], target: Cell, codes: NDArray[np.int64]) -> tuple[int, dict[str, str]]:
    """The code of the new class, with what has to be said of it where no code of the scheme is of that class."""
    same = [number for number, cell in sorted(classes.items()) if cell == target]
    if same:
        return same[0], {}
    number = max([*classes, int(codes.max())]) + 1
    return number, {str(number): "/".join(filter(None, target))}


# places ---------------------------------------------------------------------------------------------------------------


def _place(where: Any, cover: Layer) -> Cells:
    """Which cells of the land cover lie in polygons or in a mask, by their centres."""
    lattice = cover.lattice
    shape = lattice.rows, lattice.cols
    if where is None:
        return np.ones(shape, dtype=bool)
    transform = Affine(lattice.dx, 0.0, lattice.x0, 0.0, -lattice.dy, lattice.y0)
    shapes, _ = shapes_of(where, cover.crs)
    return np.asarray(features.geometry_mask(shapes, shape, transform, invert=True))


# arrays ---------------------------------------------------------------------------------------------------------------


def _as_array(cover: Layer, codes: NDArray[np.int64]) -> LayerSpec:
    """Codes as a land cover in memory."""
    top = int(codes.max())
    dtype = np.int16 if top < np.iinfo(np.int16).max else np.int32
    values = np.where(codes == MISSING_CODE, -1, codes).astype(dtype)
    array = on_lattice(cover, values, ()).assign_attrs(_FillValue=dtype(-1))
    return replace(bare_spec(cover.spec), data=array)


def _layer(inputs: Inputs, name: str) -> Layer:
    if name not in inputs.layers:
        raise UsageError(say("study.scenario.no_layer", name=name, hint=did_you_mean(name, inputs.layers)))
    return inputs.layers[name]


def _moved(layer: Layer, cover: Layer, changed: Cells, of_target: Cells, to: str) -> LayerSpec:
    """A layer whose cells on converted land have the mean of its cells where the new class already stands."""
    values = decoded(layer)
    row, col, is_inside = positions(layer, cover.lattice, cover.crs)
    there = is_inside & changed[row, col]
    values[..., there] = mean_over(layer, cover, of_target & ~changed, to)[..., None]
    lead = ("month",) if values.ndim == 3 else ()
    array = on_lattice(layer, values, lead).assign_attrs(units=layer.unit)
    return replace(bare_spec(layer.spec), data=array)
