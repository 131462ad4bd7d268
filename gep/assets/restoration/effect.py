"""What a variable did on treated land: an effect beside a control, a change without one, a gap of one year.

A control takes the weather out. A regression on rain takes the rain out and nothing else, in all years alike: what
remains without a control is a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gep.assets.figures import Figure, exact, made
from gep.assets.restoration.tables import ENDS
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.core.messages import Text, listed, say
from gep.stocks.restoration import (
    change_of_state,
    effect_beside_control,
    effect_on_land,
    gap_of_a_year,
    state_beside_rain,
    uncertainty_of_effect,
)

Called = Literal["effect", "change", "gap"]

RAIN = ("rain_before", "rain_after", "rain_intercept", "rain_slope")


@dataclass(frozen=True)
class State:
    """A variable on treated land and its control: values by end (`treated_before`, …), their standard uncertainties,
    covariances by land where the same plots were measured twice.
    """

    project: str
    variable: str
    unit: str
    values: Mapping[str, Figure]
    uncertainties: Mapping[str, Figure]
    covariances: Mapping[str, Figure]
    is_corrected: bool = False

    @property
    def called(self) -> Called:
        """What the figure may be called, by what it rests on."""
        if all(end in self.values for end in ENDS):
            return "effect"
        return "change" if "treated_before" in self.values else "gap"

    def change(self, land: str) -> Figure | None:
        """The change on treated land, or on the control."""
        ends = [self.values.get(f"{land}_{time}") for time in ("before", "after")]
        if ends[0] is None or ends[1] is None:
            return None
        return made(change_of_state, earlier_state=ends[0], later_state=ends[1])

    @property
    def result(self) -> Figure:
        """The effect, the change or the gap."""
        treated, control = self.change("treated"), self.change("control")
        if treated is not None and control is not None:
            return made(effect_beside_control, treated_change=treated, control_change=control)
        if treated is not None:
            return treated
        return made(
            gap_of_a_year, inside_state=self.values["treated_after"], outside_state=self.values["control_after"]
        )

    @property
    def uncertainty(self) -> Figure | None:
        """The standard uncertainty; None where that of one of the values is not known."""
        if any(end not in self.uncertainties for end in self.values):
            return None
        none = exact(0, "1", say("restoration.no_such_part"))
        parts = {f"{end}_u": self.uncertainties[end] if end in self.values else none for end in ENDS}
        of_plots = {f"{land}_covariance": self.covariances.get(land, none) for land in ("treated", "control")}
        return made(uncertainty_of_effect, **parts, **of_plots)

    def on(self, area: Figure | None) -> Figure | None:
        """The effect or change on all of the land; none of a gap."""
        if area is None or self.called == "gap":
            return None
        return made(effect_on_land, effect_per_area=self.result, treated_area=area)


def states_of(rows: Sequence[Row]) -> tuple[list[State], list[Problem]]:
    """The variables of a table, and everything that is wrong with it."""
    found: list[State] = []
    problems: list[Problem] = []
    seen: dict[tuple[str, str], Text] = {}
    for row in rows:
        key = (row.text("project"), row.text("variable"))
        if key in seen:
            problems.append(problem("restoration.K54.twice", " / ".join(key), place=row.place, first=seen[key]))
            continue
        seen[key] = row.place
        values = {end: value for end in ENDS if (value := row.number(end)) is not None}
        wrong = list(_wrong(row, values))
        problems += wrong
        if not wrong:
            found.append(_state(row, values))
    return found, problems


def _wrong(row: Row, values: Mapping[str, Figure]) -> Iterator[Problem]:
    """Values that make neither an effect nor a change nor a gap, half a correction, covariances that cannot be."""
    name = f"{row.text('project')} / {row.text('variable')}"
    allowed = ({*ENDS}, {"treated_before", "treated_after"}, {"treated_after", "control_after"})
    if set(values) not in allowed:
        yield problem("restoration.K54.values", name, place=row.place, found=listed([f"`{end}`" for end in values]))
    rain = [column for column in RAIN if row.number(column) is not None]
    is_whole = len(rain) == len(RAIN) or ("treated_before" not in values and set(RAIN) - set(rain) == {"rain_before"})
    if rain and not is_whole:
        lacking = [f"`{column}`" for column in RAIN if column not in rain]
        yield problem("restoration.K54.rain", name, place=row.place, lacking=lacking)
    elif rain:
        for time in ("before", "after"):
            expected = _expected(row, time)
            if expected is not None and expected <= 0:
                yield problem("restoration.K54.no_expectation", name, place=row.place, found=f"{expected:g}")
    for land in ("treated", "control"):
        covariance = row.number(f"{land}_covariance")
        if covariance is None:
            continue
        pair = [row.number(f"{land}_{time}_u") for time in ("before", "after")]
        if pair[0] is None or pair[1] is None or abs(covariance.value) > pair[0].value * pair[1].value:
            yield problem("restoration.K54.covariance", name, place=row.place, found=f"{covariance.value:g}")


def _expected(row: Row, time: str) -> float | None:
    """What the rain of a year lets expect, in the unit of the variable."""
    rain = row.number(f"rain_{time}")
    return None if rain is None else row.figure("rain_intercept").value + row.figure("rain_slope").value * rain.value


def _state(row: Row, values: Mapping[str, Figure]) -> State:
    uncertainties = {end: u for end in values if (u := row.number(f"{end}_u")) is not None}
    covariances = {
        land: covariance
        for land in ("treated", "control")
        if (covariance := row.number(f"{land}_covariance")) is not None
    }
    names = row.text("project"), row.text("variable"), row.text("variable_unit")
    if row.number("rain_slope") is None:
        return State(*names, values, uncertainties, covariances)
    return State(
        *names,
        {end: _beside_rain(row, end, value) for end, value in values.items()},
        {end: _beside_rain(row, end, u) for end, u in uncertainties.items()},
        {
            land: _beside_rain(row, f"{land}_after", _beside_rain(row, f"{land}_before", covariance))
            for land, covariance in covariances.items()
        },
        is_corrected=True,
    )


def _beside_rain(row: Row, end: str, value: Figure) -> Figure:
    return made(
        state_beside_rain,
        observed_state=value,
        rain_intercept=row.figure("rain_intercept"),
        rain_slope=row.figure("rain_slope"),
        index_rain=row.figure(f"rain_{end.rpartition('_')[2]}"),
    )


def questions(states: Sequence[State]) -> Iterator[Problem]:
    """What a reader could take for an effect: gaps of a year, and changes with the weather in them."""
    for state in states:
        name = f"{state.project} / {state.variable}"
        if state.called == "gap":
            yield problem("restoration.K55.gap", name)
        elif state.called == "change":
            yield problem("restoration.K55.change" if state.is_corrected else "restoration.K55.weather", name)
