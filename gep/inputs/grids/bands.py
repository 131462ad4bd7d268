"""What stands along the bands of a file, or along the leading dimension of a variable: one field, twelve months, the
days of a year, or its hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gep.core.messages import Text, say
from gep.inputs.grids.findings import Findings

if TYPE_CHECKING:
    import xarray as xr

Axis = Literal["month", "day", "hour"]

AXIS_OF: dict[str, Axis] = {"monthly": "month", "daily": "day", "subdaily": "hour"}
"""The axis that the first word of a layer's name stands for."""

YEAR_LENGTHS = {365: 2001, 366: 2004}
"""Days of a year, and a year that has so many."""

STEPS_PER_DAY = (2, 3, 4, 6, 8, 12, 24)
"""So many steps may a day have where it has several: hours, and runs of hours."""

STEPS_OF_YEAR = {days * steps: (days, steps) for days in YEAR_LENGTHS for steps in (1, *STEPS_PER_DAY)}
"""Days and steps per day of every axis of days or of steps of days, by its length."""

COMPOSITES = {23: "sixteen_days", 24: "half_months", 36: "dekads", 46: "eight_days", 52: "weeks"}
"""What bands of a year mostly are that are neither months nor days, by their number: MODIS makes composites of 16 and
of 8 days that begin anew with each year, Copernicus and GLASS dekads.
"""

MOST_LISTED = 24
"""So many bands are listed in a message."""

_MONTH = re.compile(r"(?:^|[^a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]*)(?:[^a-z]|$)")
_MONTH_NUMBER = re.compile(r"(?:month|mon|m)[ _.-]*(\d{1,2})$|^(\d{1,2})\s*月")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_NUMBER = re.compile(r"day[ _.-]*(\d{1,3})$")
_DATE = re.compile(r"(?<!\d)(\d{4})([-_./]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_NUMBERED = re.compile(r"^(.*?)0*(\d{1,2})$")
_YEAR_AND_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]?(0[1-9]|1[0-2])(?!\d)")
_TIME_NAMES = ("time", "valid_time", "date")
_FIRST_YEAR = 1850
"""Earlier years are those of climatologies, whose axis counts from the year 0 or 1."""
_DAY_AXES = {"day", "dayofyear", "day_of_year", "doy"}
_SINCE = re.compile(r"(days?|hours?|minutes?|seconds?) since (\d+)-(\d+)-(\d+)(?:[ T]+(\d+):(\d+))?", re.IGNORECASE)
_PER_DAY = {"day": 1, "hour": 24, "minute": 1440, "second": 86400}
_DAY_SECONDS, _HOUR_SECONDS, _MINUTE_SECONDS = 86400, 3600, 60
_OUT_OF_STEP = 0.1
"""Share of a step by which a time may miss its place: times are often stored as single-precision days."""
_CALENDARS_OF_ONE_LENGTH = {"noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366}


@dataclass(frozen=True)
class Pick:
    """Which part of the file is the layer."""

    band: int | None = None
    bands: str | None = None
    variable: str | None = None
    may_have_axis: bool = True


Moment = tuple[int, int, int, float]
"""Year, month, day and second of the day."""


class Along(NamedTuple):
    """That bands are months, days or steps of days, and where each of them stands; `fault` says why they cannot be
    used.
    """

    axis: Axis
    order: tuple[int, ...]
    fault: str = ""


def axis_words(axis: Axis) -> Text:
    """What stands along an axis, in words: months."""
    return say(f"grids.axis.{axis}")


def month_number(text: str) -> int | None:
    """The month that a label names (`month_01`, `Jan`, `tmean_m7`, `3月`); bare numbers may be anything
    and name none.
    """
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


def choose(
    labels: Sequence[str], along: Along | None, pick: Pick, findings: Findings
) -> tuple[tuple[int, ...], Axis | None] | None:
    """Which of several bands make the layer, and what they are along; None, and an error, where that is not clear."""
    count, listing = len(labels), _listing(labels)
    if pick.band is not None:
        if 1 <= pick.band <= count:
            return (pick.band - 1,), None
        findings.problem("grids.F03.no_such_band", band=pick.band, count=count, found=listing)
        return None
    if count in COMPOSITES and pick.may_have_axis:
        of_year = say(f"grids.composites.{COMPOSITES[count]}")
        findings.problem("grids.T21.composites", found=listing, count=count, of_year=of_year)
        return None
    if pick.bands in ("day", "hour"):
        return _steps("day" if pick.bands == "day" else "hour", count, listing, along, findings)
    if pick.bands is not None:
        if pick.bands == "month" and count == 12:
            return _months(labels, along, listing, findings), "month"
        findings.problem("grids.F02.bands_do_not_fit", bands=pick.bands, count=count, listing=listing)
        return None
    if count == 1:
        return (0,), None
    if along and pick.may_have_axis:
        return (along.order, "month") if along.axis == "month" else _steps(along.axis, count, listing, along, findings)
    could_be = {**dict.fromkeys(STEPS_OF_YEAR, "hour"), **dict.fromkeys(YEAR_LENGTHS, "day"), 12: "month"}
    do = say(f"grids.which_band.{could_be.get(count, 'one')}")
    findings.problem("grids.F02.several_bands", found=listing, do=do)
    return None


def _months(labels: Sequence[str], along: Along | None, listing: str, findings: Findings) -> tuple[int, ...]:
    """Where the months stand among twelve bands: by their labels, else in their order; said where the two differ."""
    in_order = tuple(range(12))
    if along is None and any(month_number(label) for label in labels):
        findings.problem("grids.F45.not_twelve", found=listing)
    order = along.order if along and along.axis == "month" else in_order
    if order != in_order:
        findings.problem("grids.F45.by_label", found=listing)
    return order


def _steps(
    axis: Axis, count: int, listing: str, along: Along | None, findings: Findings
) -> tuple[tuple[int, ...], Axis | None] | None:
    """All bands as days, or as steps of days, from the first to the last."""
    _, per_day = STEPS_OF_YEAR.get(count, (0, 0))
    if axis == "day" and per_day != 1:
        do = say("grids.they_are_hours", per_day=per_day) if per_day else None
        findings.problem("grids.F02.not_days", count=count, listing=listing, do=do)
        return None
    if axis == "hour" and per_day < 2:
        do = say("grids.they_are_days") if per_day else None
        *steps, most = STEPS_PER_DAY
        findings.problem("grids.F02.not_hours", count=count, listing=listing, steps=steps, most=most, do=do)
        return None
    if along and along.axis == axis and along.fault:
        findings.problem("grids.F02.not_in_order", axis=axis_words(axis), found=along.fault)
        return None
    return tuple(range(count)), axis


def _listing(labels: Sequence[str]) -> str:
    shown = "; ".join(f"{i} {label}".strip() for i, label in enumerate(labels[:MOST_LISTED], 1))
    return f"{shown}; … {len(labels)} {labels[-1]}".strip() if len(labels) > MOST_LISTED else shown


def along_labels(labels: Sequence[str], bands: str | None) -> Along | None:
    """What labels say, also by a bare number behind one and the same word (`prec_1`, `prec_10`) where the project says
    that the bands are months.
    """
    found = axis_of_labels(labels)
    if found or bands != "month":
        return found
    numbered = [match for label in labels if (match := _NUMBERED.match(label.strip()))]
    if len(numbered) != len(labels) or len({match[1] for match in numbered}) > 1:
        return None
    order = month_order([int(match[2]) for match in numbered])
    return Along("month", order) if order else None


def times_of_labels(labels: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Year and month that every label names; nothing where one does not."""
    found = [match for label in labels if (match := _DATE.search(label) or _YEAR_AND_MONTH.search(label))]
    times = tuple((int(match[1]), int(match[3] if match.re is _DATE else match[2])) for match in found)
    return times if len(times) == len(labels) else ()


def times_along(array: xr.DataArray, lead: str | None, pick: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Year and month of the fields of a variable, where it has a time axis that is not one of a mean year."""
    name = lead if lead is not None else next((str(n) for n in array.coords if str(n) in _TIME_NAMES), None)
    if name is None or name not in array.coords or "climatology" in array.coords[name].attrs:
        return ()
    coordinate = array.coords[name]
    units = str(coordinate.attrs.get("units", ""))
    if since := re.match(r"months? since (\d+)-(\d+)", units):
        months = [int(since[1]) * 12 + int(since[2]) - 1 + int(value) for value in np.ravel(coordinate.values)]
        times = [(month // 12, month % 12 + 1) for month in months]
    elif coordinate.ndim > 1:
        return ()
    else:
        times = [
            moment[:2] for moment in _moments_of_time(coordinate if coordinate.ndim else coordinate.expand_dims(name))
        ]
    if not times:
        times = list(times_of_labels(labels_along(array, lead)))
    if not times or min(times)[0] < _FIRST_YEAR:
        return ()  # a year that stands for none
    return tuple(times[i] for i in pick) if lead is not None else (times[0],)


def axis_of_labels(labels: Sequence[str]) -> Along | None:
    """Months, days or steps of days, where every label names one."""
    if order := month_order([month_number(label) for label in labels]):
        return Along("month", order)
    if len(labels) not in STEPS_OF_YEAR:
        return None
    if len(labels) not in YEAR_LENGTHS:
        return _steps_by_date([match for label in labels if (match := _DATE.search(label))], len(labels))
    numbers = [int(match[1]) for label in labels if (match := _DAY_NUMBER.search(label.strip().lower()))]
    if sorted(numbers) == list(range(1, len(labels) + 1)):
        return _day_numbers(numbers)
    dates = [match for label in labels if (match := _DATE.search(label))]
    return day_order([(int(d[1]), int(d[3]), int(d[4])) for d in dates]) if len(dates) == len(labels) else None


def _steps_by_date(dates: Sequence[re.Match[str]], count: int) -> Along | None:
    """Steps of days, where the labels name each day of a year as often as a day has steps."""
    length, per_day = STEPS_OF_YEAR[count]
    found = [(int(date[3]), int(date[4])) for date in dates]
    expected = [day for day in _days_of_year(length) for _ in range(per_day)]
    if len(found) != count or len({date[1] for date in dates}) > 1 or sorted(found) != expected:
        return None
    return Along("hour", tuple(range(count)), "" if found == expected else _ends(dates[0][0], dates[-1][0]))


def _ends(first: str, last: str) -> Text:
    """What stands first and last along an axis."""
    return say("grids.first_and_last", first=first, last=last)


def _day_numbers(numbers: Sequence[int]) -> Along:
    is_in_order = list(numbers) == list(range(1, len(numbers) + 1))
    ends = _ends(*(say("grids.day", number=number) for number in (numbers[0], numbers[-1])))
    return Along("day", tuple(range(len(numbers))), "" if is_in_order else ends)


def day_order(days: Sequence[tuple[int, int, int]]) -> Along | None:
    """Days, where (year, month, day) are 365 or 366 of them day by day, or all the days of a calendar year in any
    order.
    """
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
    return Along("day", tuple(range(len(days))), _ends(*text))


def hour_order(moments: Sequence[Moment]) -> Along | None:
    """Steps of days, where times follow each other evenly from 1 January on; a time may stand at the start of its step
    or at its end.
    """
    if len(moments) not in STEPS_OF_YEAR or len(moments) in YEAR_LENGTHS:
        return None
    length, per_day = STEPS_OF_YEAR[len(moments)]
    step, first_year = _DAY_SECONDS / per_day, moments[0][0]
    longest = {day: number for number, day in enumerate(_days_of_year(max(YEAR_LENGTHS)))}
    if any(moment[1:3] not in longest for moment in moments):
        return None  # a calendar with a 30 February
    rough = [
        (year * len(longest) + longest[month, day]) * _DAY_SECONDS + second for year, month, day, second in moments
    ]
    if float(np.median(np.abs(np.diff(rough)))) > _DAY_SECONDS / STEPS_PER_DAY[0] * (1 + _OUT_OF_STEP):
        return None  # days, or longer
    place = {day: number for number, day in enumerate(_days_of_year(length))}
    elapsed = [
        (place.get((month, day), -1) + length * (year - first_year)) * _DAY_SECONDS + second
        for year, month, day, second in moments
    ]
    late = np.array(elapsed) - step * np.arange(len(elapsed))
    slack = _OUT_OF_STEP * step
    is_even = late.max() - late.min() <= slack and late[0] >= -slack and late[0] <= step + slack
    text = [
        "{:04d}-{:02d}-{:02d} {:02d}:{:02d}".format(
            *day, int(s // _HOUR_SECONDS), int(s % _HOUR_SECONDS // _MINUTE_SECONDS)
        )
        for *day, s in (moments[0], moments[-1])
    ]
    return Along("hour", tuple(range(len(moments))), "" if is_even else _ends(*text))


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
    """Whether a dimension is months, days or steps of days: by its name, by a time axis, or by labels that name
    them.
    """
    size = array.sizes[lead] if lead is not None else 1
    if lead is None or (size != 12 and size not in STEPS_OF_YEAR):
        return None
    has_hours = size != 12 and size not in YEAR_LENGTHS
    if has_hours and lead in array.coords and (by_time := hour_order(_moments_of_time(array.coords[lead]))):
        return by_time
    if by_label := axis_of_labels(labels_along(array, lead)):
        return by_label
    if has_hours:
        return None
    if lead not in array.coords:
        order = tuple(range(size))
        return (
            Along("month", order)
            if (lead.lower(), size) == ("month", 12)
            else Along("day", order)
            if lead.lower() in _DAY_AXES
            else None
        )
    coordinate = array.coords[lead]
    if lead.lower() in {"month", "months"} and coordinate.dtype.kind in "iuf":
        first = int(coordinate.values.min())
        order_of_months = (
            month_order([int(value) + 1 - first for value in coordinate.values]) if first in (0, 1) else None
        )
        return Along("month", order_of_months) if order_of_months else None
    units = str(coordinate.attrs.get("units", ""))
    if since := re.match(r"months? since \d+-(\d+)", units):
        by_month = month_order([(int(since[1]) - 1 + int(value)) % 12 + 1 for value in coordinate.values])
        return Along("month", by_month) if by_month else None
    if lead.lower() in _DAY_AXES and coordinate.dtype.kind in "iuf" and " since " not in units:
        numbers = [int(value) for value in coordinate.values]
        return _day_numbers(numbers) if sorted(numbers) == list(range(1, size + 1)) else None
    days = [moment[:3] for moment in _moments_of_time(coordinate)]
    by_month = month_order([month for _, month, _ in days])
    return Along("month", by_month) if by_month else day_order(days)


def _moments_of_time(coordinate: xr.DataArray) -> list[Moment]:
    """The values of a time axis; empty where it is none."""
    from pandas import DatetimeIndex
    from xarray.coding.times import decode_cf_datetime

    units, calendar = str(coordinate.attrs.get("units", "")), str(coordinate.attrs.get("calendar", "")).lower()
    since = _SINCE.match(units)
    if since and calendar in _CALENDARS_OF_ONE_LENGTH and coordinate.dtype.kind in "iuf":
        length = _CALENDARS_OF_ONE_LENGTH[calendar]
        return [_in_calendar(since, float(value), length) for value in np.asarray(coordinate)]
    if coordinate.dtype.kind in "iuf" and " since " not in units:
        return []
    try:
        # the numbers alone: of a DataArray xarray asks whether it is of dask, and loads that to know it
        decoded = np.asarray(coordinate)
        if " since " in units:
            decoded = decode_cf_datetime(decoded, units, calendar or None)
        moments = DatetimeIndex(decoded) if decoded.dtype.kind == "M" else decoded
        of_day = ((m.hour * _HOUR_SECONDS + m.minute * _MINUTE_SECONDS + m.second) for m in moments)
        return [(int(m.year), m.month, m.day, float(s)) for m, s in zip(moments, of_day, strict=True)]
    except (ValueError, TypeError, AttributeError, ImportError, OverflowError):
        return []


def _in_calendar(since: re.Match[str], value: float, length: int) -> Moment:
    """A time in a calendar whose years all have so many days, as climate models use."""
    first = date(YEAR_LENGTHS[length], 1, 1)
    start = (date(first.year, int(since[3]), int(since[4])) - first).days
    of_start = int(since[5] or 0) * _HOUR_SECONDS + int(since[6] or 0) * _MINUTE_SECONDS
    of_day = value / _PER_DAY[since[1].lower().rstrip("s")] + of_start / _DAY_SECONDS
    elapsed = start + int(np.floor(of_day))
    day = first + timedelta(elapsed % length)
    return int(since[2]) + elapsed // length, day.month, day.day, (of_day % 1) * _DAY_SECONDS
