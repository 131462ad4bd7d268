"""What stands along the bands of a file, or along the leading dimension of a variable: one field, twelve months, or the days of a year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gep.errors import Problem, Severity

if TYPE_CHECKING:
    import xarray as xr

Axis = Literal["month", "day"]

YEAR_LENGTHS = {365: 2001, 366: 2004}
"""Days of a year, and a year that has so many."""

MOST_LISTED = 24
"""So many bands are listed in a message."""

_MONTH = re.compile(r"(?:^|[^a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]*)(?:[^a-z]|$)")
_MONTH_NUMBER = re.compile(r"(?:month|mon|m)[ _.-]*(\d{1,2})$|^(\d{1,2})\s*月")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_NUMBER = re.compile(r"day[ _.-]*(\d{1,3})$")
_DATE = re.compile(r"(?<!\d)(\d{4})([-_./]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_AXES = {"day", "dayofyear", "day_of_year", "doy"}
_SINCE = re.compile(r"(days?|hours?|minutes?|seconds?) since (\d+)-(\d+)-(\d+)", re.IGNORECASE)
_PER_DAY = {"day": 1, "hour": 24, "minute": 1440, "second": 86400}
_CALENDARS_OF_ONE_LENGTH = {"noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366}


@dataclass
class Findings:
    """The problems of one layer, in the order in which they were found."""

    subject: str
    place: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, severity: Severity, message: str, *, found: object = "", allowed: str = "", do: str = "") -> None:
        self.problems.append(Problem(code, severity, self.subject, message, self.place, str(found), allowed, do))

    def error(self, code: str, message: str, *, found: object = "", allowed: str = "", do: str = "") -> None:
        self.add(code, "error", message, found=found, allowed=allowed, do=do)

    @property
    def has_error(self) -> bool:
        return any(p.severity == "error" for p in self.problems)


@dataclass(frozen=True)
class Pick:
    """Which part of the file is the layer."""

    band: int | None = None
    bands: str | None = None
    variable: str | None = None
    may_have_axis: bool = True


class Along(NamedTuple):
    """That bands are months or days, and where each of them stands; `fault` says why the days cannot be used."""

    axis: Axis
    order: tuple[int, ...]
    fault: str = ""


def month_number(text: str) -> int | None:
    """The month that a label names (`month_01`, `Jan`, `tmean_m7`, `3月`); bare numbers may be anything and name none."""
    lowered = text.strip().lower()
    if number := _MONTH_NUMBER.search(lowered):
        return int(number[1] or number[2])
    name = _MONTH.search(lowered.replace("_", " "))
    return _MONTH_NAMES.index(name[1]) + 1 if name else None


def month_order(numbers: Sequence[int | None]) -> tuple[int, ...] | None:
    """Where January … December stand, if the numbers are the twelve months, each once."""
    if len(numbers) != 12 or sorted(n or 0 for n in numbers) != list(range(1, 13)):
        return None
    return tuple(int(i) for i in np.argsort([n or 0 for n in numbers]))


def choose(labels: Sequence[str], along: Along | None, pick: Pick, findings: Findings) -> tuple[tuple[int, ...], Axis | None] | None:
    """Which of several bands make the layer, and whether they are its months or days; None, and an error, where that is not clear."""
    count, listing = len(labels), _listing(labels)
    if pick.band is not None:
        if 1 <= pick.band <= count:
            return (pick.band - 1,), None
        findings.error("F03", f"There is no band {pick.band}.", found=listing, allowed=f"a band from 1 to {count}", do="Correct `band`.")
        return None
    if pick.bands == "day":
        return _days(count, listing, along, findings)
    if pick.bands is not None:
        if pick.bands == "month" and count == 12:
            return along.order if along else tuple(range(12)), "month"
        found, allowed = f"{count} bands: {listing}", '`bands = "month"` on twelve bands'
        findings.error("F02", f'`bands = "{pick.bands}"` does not fit.', found=found, allowed=allowed, do="Give `band`.")
        return None
    if count == 1:
        return (0,), None
    if along and pick.may_have_axis:
        return (along.order, "month") if along.axis == "month" else _days(count, listing, along, findings)
    several = {
        12: ', or `bands = "month"` if they are January to December',
        **dict.fromkeys(YEAR_LENGTHS, ', or `bands = "day"` if they are days'),
    }
    do = f"Say which one with `band = 1` (counted from 1){several.get(count, '')}."
    allowed = "one band, the twelve months, or the days of a year"
    findings.error("F02", "The file has several bands and none is named.", found=listing, allowed=allowed, do=do)
    return None


def _days(count: int, listing: str, along: Along | None, findings: Findings) -> tuple[tuple[int, ...], Axis | None] | None:
    """All bands as days, from the first to the last."""
    if count not in YEAR_LENGTHS:
        found, do = f"{count} bands: {listing}", "Give the days of one whole year; a day without data may be missing throughout."
        findings.error("F02", "These are not the days of a year.", found=found, allowed="365 or 366 bands, 1 January first", do=do)
        return None
    if along and along.axis == "day" and along.fault:
        do = "Cut the file to one year from 1 January to 31 December, in that order (cdo selyear, or xarray's sel and sortby)."
        findings.error(
            "F02", "The days are not those of one year in their order.", found=along.fault, allowed="1 January to 31 December", do=do
        )
        return None
    return tuple(range(count)), "day"


def _listing(labels: Sequence[str]) -> str:
    shown = "; ".join(f"{i} {label}".strip() for i, label in enumerate(labels[:MOST_LISTED], 1))
    return f"{shown}; … {len(labels)} {labels[-1]}".strip() if len(labels) > MOST_LISTED else shown


def axis_of_labels(labels: Sequence[str]) -> Along | None:
    """Months or days, where every label names one."""
    if order := month_order([month_number(label) for label in labels]):
        return Along("month", order)
    if len(labels) not in YEAR_LENGTHS:
        return None
    numbers = [int(match[1]) for label in labels if (match := _DAY_NUMBER.search(label.strip().lower()))]
    if sorted(numbers) == list(range(1, len(labels) + 1)):
        return _day_numbers(numbers)
    dates = [match for label in labels if (match := _DATE.search(label))]
    return day_order([(int(d[1]), int(d[3]), int(d[4])) for d in dates]) if len(dates) == len(labels) else None


def _day_numbers(numbers: Sequence[int]) -> Along:
    is_in_order = list(numbers) == list(range(1, len(numbers) + 1))
    return Along("day", tuple(range(len(numbers))), "" if is_in_order else f"day {numbers[0]} first, day {numbers[-1]} last")


def day_order(days: Sequence[tuple[int, int, int]]) -> Along | None:
    """Days, where (year, month, day) are 365 or 366 of them day by day, or all the days of a calendar year in any order."""
    if len(days) not in YEAR_LENGTHS:
        return None
    of_year, found = _days_of_year(len(days)), [day[1:] for day in days]
    if found == of_year and days[0][0] == days[-1][0]:
        return Along("day", tuple(range(len(days))))
    longest = _days_of_year(max(YEAR_LENGTHS))
    if not set(found) <= set(longest):
        return None
    steps = np.abs(np.diff([year * len(longest) + longest.index((month, day)) for year, month, day in days]))
    if sorted(found) != of_year and not ((steps == 1) | (steps == 2)).all():  # two from 28 February to 1 March
        return None
    text = ["{:04d}-{:02d}-{:02d}".format(*day) for day in (days[0], days[-1])]
    return Along("day", tuple(range(len(days))), f"{text[0]} first, {text[1]} last")


def _days_of_year(length: int) -> list[tuple[int, int]]:
    """Month and day of the days of a year."""
    first = date(YEAR_LENGTHS[length], 1, 1)
    return [(day.month, day.day) for day in (first + timedelta(n) for n in range(length))]


def labels_along(array: xr.DataArray, lead: str | None) -> list[str]:
    """What the fields along a dimension are called."""
    if lead is None:
        return [""]
    names = array.attrs.get("long_name")
    if isinstance(names, (tuple, list)) and len(names) == array.sizes[lead]:
        return [str(name) for name in names]  # as rioxarray keeps the band descriptions of a GeoTIFF
    if lead not in array.coords:
        return [""] * array.sizes[lead]
    return [str(value) for value in array.coords[lead].values]


def axis_along(array: xr.DataArray, lead: str | None) -> Along | None:
    """Whether a dimension is months or days: by its name, by a time axis, or by labels that name them."""
    size = array.sizes[lead] if lead is not None else 1
    if lead is None or (size != 12 and size not in YEAR_LENGTHS):
        return None
    if by_label := axis_of_labels(labels_along(array, lead)):
        return by_label
    if lead not in array.coords:
        order = tuple(range(size))
        return (
            Along("month", order) if (lead.lower(), size) == ("month", 12) else Along("day", order) if lead.lower() in _DAY_AXES else None
        )
    coordinate = array.coords[lead]
    if lead.lower() in {"month", "months"} and coordinate.dtype.kind in "iuf":
        first = int(coordinate.values.min())
        order_of_months = month_order([int(value) + 1 - first for value in coordinate.values]) if first in (0, 1) else None
        return Along("month", order_of_months) if order_of_months else None
    units = str(coordinate.attrs.get("units", ""))
    if since := re.match(r"months? since \d+-(\d+)", units):
        by_time = month_order([(int(since[1]) - 1 + int(value)) % 12 + 1 for value in coordinate.values])
        return Along("month", by_time) if by_time else None
    if lead.lower() in _DAY_AXES and coordinate.dtype.kind in "iuf" and " since " not in units:
        numbers = [int(value) for value in coordinate.values]
        return _day_numbers(numbers) if sorted(numbers) == list(range(1, size + 1)) else None
    days = _days_of_time(coordinate)
    by_time = month_order([month for _, month, _ in days])
    return Along("month", by_time) if by_time else day_order(days)


def _days_of_time(coordinate: xr.DataArray) -> list[tuple[int, int, int]]:
    """Year, month and day of the values of a time axis; empty where it is none."""
    import xarray as xr

    units, calendar = str(coordinate.attrs.get("units", "")), str(coordinate.attrs.get("calendar", "")).lower()
    since = _SINCE.match(units)
    if since and calendar in _CALENDARS_OF_ONE_LENGTH and coordinate.dtype.kind in "iuf":
        return [_in_calendar(since, float(value), _CALENDARS_OF_ONE_LENGTH[calendar]) for value in coordinate.values]
    if coordinate.dtype.kind in "iuf" and " since " not in units:
        return []
    try:
        decoded = xr.decode_cf(coordinate.reset_coords(drop=True).to_dataset(name="times"))["times"].dt
        return [(int(y), int(m), int(d)) for y, m, d in zip(decoded.year.values, decoded.month.values, decoded.day.values, strict=True)]
    except (ValueError, TypeError, AttributeError, ImportError, OverflowError):
        return []


def _in_calendar(since: re.Match[str], value: float, length: int) -> tuple[int, int, int]:
    """The day of a time in a calendar whose years all have so many days, as climate models use."""
    first = date(YEAR_LENGTHS[length], 1, 1)
    start = (date(first.year, int(since[3]), int(since[4])) - first).days
    elapsed = start + int(np.floor(value / _PER_DAY[since[1].lower().rstrip("s")]))
    day = first + timedelta(elapsed % length)
    return int(since[2]) + elapsed // length, day.month, day.day
