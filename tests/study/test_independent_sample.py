"""The synthetic sample city worked out a second time, without gep, and set against the account of gep.

gep writes the city and runs the accounts; all numbers on this side come from the same files by numpy, rasterio, pyproj,
shapely and pandas, from the equations of HJ 1173-2021 and of the CAS account written out here, and from the tables
under `coefficients/`. Counties and classes are compared one by one. A second, windier city with lakes that touch by
corners tells readings apart between which the sample itself cannot decide; its products are valued as resource rent.
"""

from __future__ import annotations

import calendar
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from sample_files import (
    AREA,
    CLASSES,
    CROPLAND,
    FOREST,
    GRASS,
    LAKE,
    LAYER,
    LEAST,
    OTHERS,
    PLANTS,
    PRODUCTS,
    SHRUB,
    STRIDE,
    TABLE,
    WETLAND,
    WINDIER,
    YEAR,
    City,
    figure,
    number,
    price,
    read_city,
    share,
    table,
    tonnes_per_m2,
)

from gep.study.study import Study

# results --------------------------------------------------------------------------------------------------------------


@dataclass
class Result:
    """Amounts by zone, ecosystem and class."""

    rows: pd.DataFrame
    """`quantity`, `value` (NaN where there is none), and of both the `size` of which a relative error is taken."""
    tolerance: float


def summed(
    city: City, density: np.ndarray, unit_price: float = np.nan, tolerance: float = LAYER, of: np.ndarray | None = None
) -> Result:
    """Amounts per m2 summed by county and class; cells that are NaN do not count.

    Errors are relative to the sum of `of`, if that is given, else of the sizes of the amounts.
    """
    key, cells = city.zone * STRIDE + city.code, len(city.zones) * STRIDE
    kept = ~np.isnan(density)
    total = np.bincount(key[kept], (density * city.area)[kept], cells)
    size = np.bincount(key[kept], abs((density if of is None else of) * city.area)[kept], cells)
    there = np.unique(key[kept])
    index = pd.MultiIndex.from_tuples([(city.zones[k // STRIDE], *CLASSES[k % STRIDE]) for k in there])
    columns = {"quantity": total[there], "value": total[there] * unit_price}
    sizes = {"quantity_size": size[there], "value_size": size[there] * unit_price}
    return Result(pd.DataFrame(columns | sizes, index=index), tolerance)


def reported(city: City, quantity: np.ndarray, value: np.ndarray) -> Result:
    """Amounts by county that come from tables; gep spreads them over ecosystems by area, which is not compared."""
    index = pd.MultiIndex.from_tuples([(zone, "", "") for zone in city.zones])
    columns = {"quantity": quantity, "value": value, "quantity_size": quantity, "value_size": value}
    return Result(pd.DataFrame(columns, index=index), TABLE)


def capped(result: Result, city: City, item: str) -> Result:
    """The smaller of what a county's ecosystems can take up and what is emitted there, by class in proportion."""
    limits = dict(zip(city.zones, city.statistic(item), strict=True))
    capacity = result.rows.quantity.groupby(level=0).sum()
    factor = result.rows.index.get_level_values(0).map(lambda zone: min(1.0, limits[zone] / capacity[zone]))
    return Result(result.rows.mul(np.array(factor), axis=0), result.tolerance)


def by_class(city: City, codes: Iterable[int], of: Callable[[int], float]) -> np.ndarray:
    """A number of each class as cells; NaN where the class does not count."""
    values = np.full(STRIDE, np.nan)
    for code in codes:
        values[code] = of(code)
    return values[city.code]


# sand fixation: HJ 1173-2021, A.14-A.22, as methods.md writes it out --------------------------------------------------


def carrying_wind(speed: np.ndarray) -> np.ndarray:
    """u (u - 5 m/s)² of monthly means, brought from 10 m to 2 m by the seventh root."""
    low = speed * (2 / 10) ** (1 / 7)
    return np.where(low > 5, low * (low - 5) ** 2, 0)


def weather_factor(city: City, snow: bool = True, leap: bool = True) -> np.ndarray:
    """WF = sum of months of Wf rho/g SW SD."""
    days = np.array([calendar.monthrange(YEAR if leap else YEAR - 1, month)[1] for month in range(1, 13)], dtype=float)[
        :, None
    ]
    height = city.neighbours()[1, 1] / 1000
    density = 348 * (1.013 - 0.1183 * height + 0.0048 * height**2) / (city.climate("mean_temperature") + 273.15)
    demand = city.climate("potential_evapotranspiration")
    wetness = np.clip((demand - city.climate("precipitation") * city.climate("rain_days") / days) / demand, 0, 1)
    uncovered = city.climate("snow_depth", lambda depth: np.where(depth > 25.4, 0.0, 1.0)) if snow else 1.0
    wind = city.climate("wind_speed", carrying_wind) * days
    return np.sum(wind * density / 9.8 * wetness * uncovered, axis=0)


def erodible_fraction(sand, silt, clay, carbon, _density, carbonate):
    """EF, organic matter being 1.724 times organic carbon."""
    return np.clip(
        (29.09 + 0.31 * sand + 0.17 * silt + 0.33 * sand / clay - 2.59 * 1.724 * carbon - 0.95 * carbonate) / 100, 0, 1
    )


def crust_factor(_sand, _silt, clay, carbon, *_others):
    return 1 / (1 + 0.0066 * clay**2 + 0.021 * (1.724 * carbon) ** 2)


def roughness_factor(city: City) -> np.ndarray:
    """K' of Kr = 0.2 dH²/L: range of elevation over 3 x 3 cells, L two cells on the ground (one or three would change
    sums by 1 to 4 %).
    """
    heights = city.neighbours().reshape(9, -1)
    ridge = 0.2 * (heights.max(axis=0) - heights.min(axis=0)) ** 2 / (2 * city.side)
    return np.minimum(np.exp(1.86 * ridge - 2.41 * ridge**0.934), 1)


def blown(product: np.ndarray, distance: float) -> np.ndarray:
    """Wind erosion in kg/m2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        length = 150.71 * product**-0.3711
        loss = 2 * distance / length**2 * 109.8 * product * np.exp(-((distance / length) ** 2))
    return np.where(product > 0, loss, 0)


def sand_kept(city: City, cut: bool = True, **weather: bool) -> np.ndarray:
    """Sand in t/m2 that plant cover keeps; cut at 0 in each cell, where the equation is past its peak."""
    codes = (*PLANTS, *CROPLAND, 71, 72, 82)
    decay = by_class(city, codes, lambda code: number(city.folder, "wind_cover_coefficient", "1/percent", code))
    distance = number(city.folder, "downwind_distance", "m")
    bare = (
        weather_factor(city, **weather)
        * city.soil(erodible_fraction)
        * city.soil(crust_factor)
        * roughness_factor(city)
    )
    kept = blown(bare, distance) - blown(bare * np.exp(-decay * city.own("vegetation_cover.tif")), distance)
    return np.where(np.isnan(decay), np.nan, np.maximum(kept, 0) if cut else kept) / 1000


def sand_fixation(city: City) -> dict[str, Result]:
    kept = sand_kept(city)
    depth = number(city.folder, "sand_density", "t/m^3") * number(city.folder, "sand_depth", "m")
    restored = summed(city, kept / depth, price(city.folder, "restoration_cost", "CNY/m^2"))
    return {"sand_fixation/retained_sand": summed(city, kept), "sand_fixation/restored_area": restored}


# floods ---------------------------------------------------------------------------------------------------------------

CROSS = ((-1, 0), (0, -1), (0, 1), (1, 0))
AROUND = (*CROSS, (-1, -1), (-1, 1), (1, -1), (1, 1))


def lake_storage(city: City, touching: Iterable[tuple[int, int]] = AROUND) -> np.ndarray:
    """Water in m3 per m2 of lake: V = e^a A^b n in 10⁴ m3 of each lake, A in km2, spread evenly over it and so over its
    counties.

    A lake is a patch of lake cells inside the city that touch, by corners too.
    """
    numbers = np.nonzero(city.code == 42)[0].tolist()
    lakes = {(int(city.at[0][i]), int(city.at[1][i])): i for i in numbers}
    factor, exponent = (number(city.folder, name, "1", 42) for name in ("lake_intercept", "lake_exponent"))
    times = number(city.folder, "exchanges", "1/year", 42)
    storage = np.full(city.code.shape, np.nan)
    left = set(lakes)
    while left:
        patch = queue = [left.pop()]
        for row, col in queue:
            near = {(row + down, col + right) for down, right in touching} & left
            left -= near
            queue.extend(near)
        cells = [lakes[cell] for cell in patch]
        area = city.area[cells].sum()
        storage[cells] = np.exp(factor) * (area / 1e6) ** exponent * times * 1e4 / area
    return storage


def flood_mitigation(city: City) -> dict[str, Result]:
    folder, unit = city.folder, price(city.folder, "reservoir_cost", "CNY/m^3")
    marsh = number(folder, "ponding_depth", "m", 41) * number(folder, "fillings", "1/year", 41)
    reservoir = number(folder, "flood_share", "1/year") * city.statistic("reservoir_capacity")
    return {
        "flood_mitigation/lake": summed(city, lake_storage(city), unit, LAKE),
        "flood_mitigation/marsh": summed(city, by_class(city, [41], lambda _: marsh), unit, AREA),
        "flood_mitigation/reservoir": reported(city, reservoir, reservoir * unit),
    }


# what is taken up, up to what is emitted ------------------------------------------------------------------------------


def purification(city: City) -> dict[str, Result]:
    air = {"so2": (FOREST, "SO2"), "nox": (FOREST, "NOx"), "dust": (FOREST + GRASS + (54,), "dust")}
    water = {"cod": "COD", "nh3n": "NH3_N", "tp": "phosphorus"}

    def amounts(name: str, codes: Iterable[int], cost: float) -> Result:
        return summed(city, by_class(city, codes, lambda code: tonnes_per_m2(city.folder, name, code)), cost, AREA)

    found = {}
    for name, (codes, substance) in air.items():
        cost = price(city.folder, f"{name}_cost", f"CNY/(t*{substance})")
        found[f"air_purification/{name}"] = capped(amounts(f"{name}_uptake", codes, cost), city, f"{name}_emission")
    for name, substance in water.items():
        cost = price(city.folder, f"{name}_cost", f"CNY/(t*{substance})")
        found[f"water_purification/{name}"] = capped(amounts(f"{name}_removal", WETLAND, cost), city, f"{name}_load")
    return found


# soil retention: HJ 1173-2021, A.2-A.13 -------------------------------------------------------------------------------


def erodibility(sand, silt, clay, carbon, *_others):
    """K in t hm2 h/(hm2 MJ mm): EPIC, corrected and brought to SI."""
    fines = 1 - sand / 100
    epic = (0.2 + 0.3 * np.exp(-0.0256 * sand * (1 - silt / 100))) * (silt / (clay + silt)) ** 0.3
    epic *= (1 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon))) * (
        1 - 0.7 * fines / (fines + np.exp(-5.51 + 22.9 * fines))
    )
    return (-0.01383 + 0.51575 * epic) * 0.1317


def length_and_steepness(city: City) -> np.ndarray:
    """L S of slopes after Horn, in metres on the ground (those of UTM would change the sums by 4e-4)."""
    (nw, n, ne), (w, _, e), (sw, s, se) = city.neighbours()
    rise = np.hypot(ne + 2 * e + se - nw - 2 * w - sw, nw + 2 * n + ne - sw - 2 * s - se) / (8 * city.side)
    angle = np.arctan(rise)
    sine, degrees = np.sin(angle), np.degrees(angle)
    beta = sine / 0.089 / (3 * sine**0.8 + 0.56)
    length = (number(city.folder, "slope_length", "m") / 22.13) ** (beta / (1 + beta))
    steep = np.select(
        [degrees < 5.14, degrees < 10.20, degrees < 28.81],
        [10.8 * sine + 0.03, 16.8 * sine - 0.5, 21.9 * sine - 0.96],
        9.5988,
    )
    return length * steep


COVER_BANDS = {
    FOREST: (0.10, 0.08, 0.06, 0.02, 0.004, 0.001),
    SHRUB: (0.40, 0.22, 0.14, 0.085, 0.040, 0.011),
    GRASS: (0.45, 0.24, 0.15, 0.09, 0.043, 0.011),
    (52,): (0.42, 0.23, 0.14, 0.089, 0.042, 0.011),
}
"""HJ 1173-2021, table A.1: below 10, 30, 50, 70, 90 percent of cover and from there on."""


def soil_retention(city: City) -> dict[str, Result]:
    """R K L S (1 - C) in t/m2; silt is a share of its volume; nitrogen and phosphorus are what soil holds of them."""
    cover = city.own("vegetation_cover.tif")
    factor = by_class(city, (41, 53, 62, 71, 72), lambda code: {41: 0.0, 53: 0.0, 62: 0.01}.get(code, 0.7))
    for codes, bands in COVER_BANDS.items():
        factor = np.where(np.isin(city.code, codes), np.array(bands)[np.digitize(cover, (10, 30, 50, 70, 90))], factor)
    with np.errstate(divide="ignore"):
        factor = np.where(city.code == 54, np.clip(0.221 - 0.595 * np.log10(cover / 100), 0, 1), factor)
    kept = city.climate("rainfall_erosivity") * city.soil(erodibility) * length_and_steepness(city) * (1 - factor) / 1e4
    silt = number(city.folder, "sedimentation_fraction", "1") * kept / city.soil(lambda *layers: layers[4])
    found = {
        "soil_retention/retained_soil": summed(city, kept),
        "soil_retention/sediment": summed(city, silt, price(city.folder, "dredging_cost", "CNY/m^3")),
    }
    for name in ("nitrogen", "phosphorus"):
        content = by_class(
            city, np.unique(city.code), lambda code, name=name: share(city.folder, f"{name}_content", code)
        )
        found[f"soil_retention/{name}"] = summed(
            city, kept * content, price(city.folder, f"{name}_cost", f"CNY/(t*{name})")
        )
    return found


# water, carbon, climate -----------------------------------------------------------------------------------------------


def water_retention(city: City) -> dict[str, Result]:
    """P (1 - alpha) - ET in m3/m2, negative balances kept; reservoirs are missing, as the sample has no
    evapotranspiration of water.
    """
    runoff = by_class(city, (*PLANTS, 52, 41, 44, 62), lambda code: share(city.folder, "runoff_coefficient", code))
    rain = city.climate("precipitation").sum(axis=0) * (1 - runoff) / 1000
    depth = rain - city.own("evapotranspiration.tif") / 1000
    unit = price(city.folder, "reservoir_cost", "CNY/m^3")
    # relative to the rain, of which the balance of a class can be a small rest
    return {"water_retention/retained_water": summed(city, depth, unit, of=rain)}


def carbon_sequestration(city: City) -> dict[str, Result]:
    """Production less respiration of the soil, in t of CO2 per m2; marshes and lakes by their rate. Sources stay
    negative.
    """
    warmth, rain = city.climate("mean_temperature"), city.climate("precipitation")
    respired = np.sum(0.22 * (np.exp(0.0912 * warmth) + np.log(0.3145 * rain + 1)) * 30 * 0.465, axis=0)
    rate = by_class(city, (41, 42), lambda code: tonnes_per_m2(city.folder, "carbon_rate", code))
    produced = np.where(np.isin(city.code, PLANTS), city.production() / 1e6, rate)
    fixed = np.where(np.isin(city.code, PLANTS), produced - respired / 1e6, rate)
    unit = price(city.folder, "carbon_price", "CNY/(t*CO2)")
    # relative to production, of which little is left in dry grassland
    return {"carbon_sequestration/carbon_dioxide": summed(city, fixed * 44 / 12, unit, of=produced * 44 / 12)}


def climate_regulation(city: City) -> dict[str, Result]:
    """Heat that plants and water take up on cooling days, in kWh/m2 of an air conditioner."""
    days, ratio = city.statistic("cooling_days")[city.zone], number(city.folder, "efficiency_ratio", "1")
    heat = by_class(city, PLANTS, lambda code: number(city.folder, "transpiration_heat", "kJ/(m^2*day)", code))
    evaporated = (
        city.climate("water_evaporation") / 1000 * days / 366
    )  # a sum of the leap year 2020, spread over its days
    water = np.where(
        np.isin(city.code, WETLAND),
        evaporated * 1000 * number(city.folder, "latent_heat", "kJ/kg") / 3600 / ratio,
        np.nan,
    )
    tariff = price(city.folder, "electricity_price", "CNY/kWh", moves=False)
    return {
        "climate_regulation/transpiration": summed(city, heat * days / 3600 / ratio, tariff, AREA),
        "climate_regulation/evaporation": summed(city, water, tariff),
    }


# tables alone ---------------------------------------------------------------------------------------------------------


def from_tables(city: City) -> dict[str, Result]:
    item = city.statistic
    premium = item("floor_price") * item("premium") * item("annuity")
    value_of = {
        "tourism/visits": ("visits", item("travel_cost") + item("time_cost")),
        "recreation/recreation_visits": ("recreation_visits", item("visit_value")),
        "landscape_premium/floor_area": ("floor_area", premium),
        "noise_attenuation/barrier": ("barrier_length", price(city.folder, "noise_cost", "CNY/(km*year)")),
        "ecological_energy/generation": ("generation", item("tariff")),
    }
    return {name: reported(city, item(quantity), item(quantity) * unit) for name, (quantity, unit) in value_of.items()}


def resource_rent(folder: Path, zone: str, service: str) -> float:
    """Output of a branch at its prices less intermediate consumption, labour and the use of capital."""
    names = table(folder / "statistics.csv")["item"]
    output = 0.0
    for item in sorted(set(names[names.str.startswith(f"{service}/")])):
        value = figure(folder, zone, item, ["value"])
        output += (
            figure(folder, zone, item, ["quantity"]) * figure(folder, zone, item, ["price"]) if value is None else value
        )
    costs = (
        figure(folder, zone, f"{cost}/{service}", ["value"])
        for cost in ("intermediate_consumption", "labour_cost", "capital_cost")
    )
    return output - sum(costs)


# the comparison -------------------------------------------------------------------------------------------------------

SERVICES = (
    sand_fixation,
    flood_mitigation,
    purification,
    soil_retention,
    water_retention,
    carbon_sequestration,
    climate_regulation,
    from_tables,
)
COMPONENTS = (
    "sand_fixation/retained_sand",
    "sand_fixation/restored_area",
    "flood_mitigation/lake",
    "flood_mitigation/marsh",
    "flood_mitigation/reservoir",
    "air_purification/so2",
    "air_purification/nox",
    "air_purification/dust",
    "water_purification/cod",
    "water_purification/nh3n",
    "water_purification/tp",
    "soil_retention/retained_soil",
    "soil_retention/sediment",
    "soil_retention/nitrogen",
    "soil_retention/phosphorus",
    "water_retention/retained_water",
    "carbon_sequestration/carbon_dioxide",
    "climate_regulation/transpiration",
    "climate_regulation/evaporation",
    "tourism/visits",
    "recreation/recreation_visits",
    "landscape_premium/floor_area",
    "noise_attenuation/barrier",
    "ecological_energy/generation",
)
PLACE = ["area_code", "ecosystem_type", "land_class"]


def account_of(folder: Path) -> pd.DataFrame:
    return Study.open(folder).run().to_frame()


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "gep.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(sample_city, tmp_path_factory.mktemp("city") / "city")


@pytest.fixture(scope="module")
def city(folder: Path) -> City:
    return read_city(folder)


@pytest.fixture(scope="module")
def account(folder: Path) -> pd.DataFrame:
    return account_of(folder)


@pytest.fixture(scope="module")
def own(city: City) -> dict[str, Result]:
    return {name: rows for service in SERVICES for name, rows in service(city).items()}


@pytest.fixture(scope="module")
def second_city(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> City:
    """The sample under `seea-ea`, with more wind, and with a chain of lake cells that touch by corners through all its
    counties.

    The profile takes the sand and lakes of `ndrc-2022` and values products as resource rent: one run for all three.
    """
    second = shutil.copytree(folder, tmp_path_factory.mktemp("second") / "city")
    edit(second, '"ndrc-2022"', '"seea-ea"')
    edit(second, 'variable = "wind_speed"\n', f'variable = "wind_speed"\nscale = {0.001 * WINDIER}\n')
    heading = "[services]"
    edit(second, heading, "\n".join((heading, *(f'{service} = {{ off = "not compared" }}' for service in OTHERS), "#")))
    with rasterio.open(second / "land_cover.tif", "r+") as file:
        codes = file.read(1)
        steps = np.arange(400)
        codes[50 + steps, 80 + steps] = 42
        file.write(codes, 1)
    return read_city(second, WINDIER)


@pytest.fixture(scope="module")
def second_account(second_city: City) -> pd.DataFrame:
    return account_of(second_city.folder)


def compare(own: Result, account: pd.DataFrame, name: str) -> None:
    """County by county and, where cells were summed, class by class."""
    service, component = name.split("/")
    lines = account[(account.service == service) & account.component.isin((component, f"{component}_cap"))]
    assert len(lines), name
    for measure in ("quantity", "value"):
        if own.rows[measure].isna().all():
            assert measure not in set(lines.measure)
            continue
        theirs = lines[lines.measure == measure].groupby(PLACE).value.sum()
        of_county = own.rows[f"{measure}_size"].groupby(level=0).sum()
        for level in (0, [0, 1, 2]) if own.rows.index.get_level_values(2).all() else (0,):
            rows = own.rows.groupby(level=level).sum()
            pair = pd.DataFrame({"own": rows[measure], "gep": theirs.groupby(level=level).sum()}).fillna(0.0)
            size = rows[f"{measure}_size"].reindex(pair.index).fillna(0.0)
            allowed = own.tolerance * size
            if level:
                allowed += LEAST * of_county[pair.index.get_level_values(0)].to_numpy()
            off = pair[(pair.own - pair.gep).abs() > allowed]
            assert off.empty, (
                f"{name} {measure}, tolerance {own.tolerance:g}\n{off.assign(relative=off.own / off.gep - 1)}"
            )


def test_areas(city: City, account: pd.DataFrame):
    """Every cell lies in the same county and class for both: one cell more would be 1e-5 of a county, and 1 % of a
    small class.
    """
    own = summed(city, np.ones(city.area.shape), tolerance=AREA)
    theirs = account[account.measure == "area"].set_index(PLACE).value
    assert dict(theirs) == pytest.approx(dict(own.rows.quantity), rel=AREA)


@pytest.mark.parametrize("name", COMPONENTS)
def test_component(own: dict[str, Result], account: pd.DataFrame, name: str):
    compare(own[name], account, name)


def test_every_component_is_compared(own: dict[str, Result], account: pd.DataFrame):
    """All of the account but its products, and nothing that it does not have."""
    counted = account[~account.service.isin((*PRODUCTS, "_none"))]
    assert set(own) == set(COMPONENTS) == set(counted.service + "/" + counted.component.str.removesuffix("_cap"))


def test_resource_rent(second_city: City, second_account: pd.DataFrame):
    theirs = second_account[(second_account.measure == "value") & second_account.service.isin(PRODUCTS)]
    own = {
        (service, zone): resource_rent(second_city.folder, zone, service)
        for service in PRODUCTS
        for zone in second_city.zones
    }
    assert dict(theirs.groupby(["service", "area_code"]).value.sum()) == pytest.approx(own, rel=TABLE)


def test_sand_in_strong_wind(second_city: City, second_account: pd.DataFrame):
    for name, result in sand_fixation(second_city).items():
        compare(result, second_account, name)


def test_strong_wind_tells_readings_apart(second_city: City):
    """Snow, the 29th of February and the cut at 0 change the sums by more than the tolerance; in the sample itself none
    of them does.
    """
    part = second_city.every(10)
    kept = np.nansum(sand_kept(part) * part.area)
    for reading in ({"snow": False}, {"leap": False}, {"cut": False}):
        other = np.nansum(sand_kept(part, **reading) * part.area)
        assert abs(other / kept - 1) > 2 * LAYER, reading


def test_lakes_touch_by_corners(second_city: City, second_account: pd.DataFrame):
    by_edges = np.nansum(lake_storage(second_city, CROSS) * second_city.area)
    assert by_edges > 1.1 * np.nansum(lake_storage(second_city) * second_city.area)
    compare(flood_mitigation(second_city)["flood_mitigation/lake"], second_account, "flood_mitigation/lake")
