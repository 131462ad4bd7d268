"""Let pyet and xclim work out the weather of `weather_of_three_places` and write it to `tests/peers/evaporation/`.

    PYTHONPATH=tests python tests/peers/make_weather_case.py

in an environment that has pyet and xclim. gep needs neither: they are loaded by name here, so that nothing declares
them. No test runs this.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import weather_of_three_places as case
import xarray as xr

HERE = Path(__file__).resolve().parent / "evaporation"
MEGAJOULE_A_DAY = 1e6 / 86_400  # W/m2


def dates() -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp(case.YEAR, 1, 1) + pd.Timedelta(days=day - 1) for day in case.DAYS])


def of_place(place: str) -> Iterator[dict[str, Any]]:
    pyet, indices = import_module("pyet"), import_module("xclim.indices")
    helpers = import_module("xclim.indices.helpers")
    latitude, elevation = case.PLACES[place]
    phi, when = math.radians(latitude), dates()
    given = pd.DataFrame([case.weather(place, month) for month in range(1, 13)], index=when)
    mean = (given.highest + given.lowest) / 2
    found: dict[str, pd.Series] = {"pyet_ra": pyet.extraterrestrial_r(when, phi)}
    solar = given.sun * found["pyet_ra"]
    vapour = given.humidity * pyet.calc_es(tmax=given.highest, tmin=given.lowest)
    longwave = pyet.calc_rad_long(solar, tmax=given.highest, tmin=given.lowest, ea=vapour, elevation=elevation, lat=phi)
    wind = given.wind * 4.87 / math.log(67.8 * case.WIND_HEIGHT - 5.42)
    found["pyet_net_radiation"] = 0.77 * solar - longwave
    found["pyet_hargreaves"] = pyet.hargreaves(mean, given.highest, given.lowest, phi)
    found["pyet_penman"] = pyet.pm_fao56(
        mean, wind, rs=solar, tmax=given.highest, tmin=given.lowest, ea=vapour, elevation=elevation, lat=phi
    )

    def array(values: pd.Series, units: str) -> xr.DataArray:
        return xr.DataArray(values.to_numpy(), {"time": when}, ("time",), attrs={"units": units})

    lat = xr.DataArray(latitude, attrs={"units": "degree_north"})
    daily = pd.date_range(f"{case.YEAR}-01-01", f"{case.YEAR}-12-31")
    times = xr.DataArray(daily, {"time": daily}, ("time",))
    for name, method in (("xclim_ra", "spencer"), ("xclim_ra_simple", "simple")):
        ra = helpers.extraterrestrial_solar_radiation(times, lat, method=method)
        found[name] = pd.Series(ra.sel(time=when).to_numpy() / 1e6, index=when)

    def every_day(values: pd.Series, units: str) -> xr.DataArray:
        """xclim takes days without gaps: the days between the middles of months say nothing here."""
        return array(values, units).reindex(time=daily).assign_attrs(units=units)

    extremes = {"tasmin": every_day(given.lowest, "degC"), "tasmax": every_day(given.highest, "degC")}
    radiation = {
        "rsds": every_day(solar * MEGAJOULE_A_DAY, "W m-2"),
        "rsus": every_day(0.23 * solar * MEGAJOULE_A_DAY, "W m-2"),
        "rlus": every_day(longwave * MEGAJOULE_A_DAY, "W m-2"),
        "rlds": every_day(0 * longwave, "W m-2"),
    }
    more = {"hurs": every_day(given.humidity, "1"), "sfcWind": every_day(given.wind, "m s-1"), **radiation}
    for name, method, arguments in (("hargreaves", "HG85", {}), ("penman", "FAO_PM98", more)):
        rate = indices.potential_evapotranspiration(**extremes, **arguments, lat=lat, method=method)
        found[f"xclim_{name}"] = pd.Series(rate.sel(time=when).to_numpy() * 86_400, index=when)
    for at, day in zip(when, case.DAYS, strict=True):
        yield {"place": place, "day": day, **{name: f"{float(of[at]):.9g}" for name, of in found.items()}}


def main() -> None:
    rows = [row for place in case.PLACES for row in of_place(place)]
    with (HERE / "days.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    text = "".join(f"{name},{version(name)}\n" for name in ("pyet", "xclim"))
    (HERE / "versions.csv").write_text(f"package,version\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
