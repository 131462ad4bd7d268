"""Maps of one ecosystem in a notebook agree with the account of a study on the same arrays, under every profile."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pyproj
import pytest
import xarray as xr
from builders import (
    EQUAL_AREA,
    NORTH,
    SIDE,
    WEST,
    block,
    constant,
    exactly,
    make_study,
    one,
    own_coefficients,
    raster,
    statistics,
    zones,
)

import gep
from gep.account.account import Account
from gep.account.entries import Entry
from gep.core.catalog import CellComponent, layer_kinds
from gep.core.errors import InputError
from gep.core.keys import CITY, NONE
from gep.core.units import convert, product, unit_of_attributes
from gep.derivations import DERIVATIONS
from gep.ecosystems import ECOSYSTEMS
from gep.ecosystems.density import compute_ecosystem
from gep.services import SERVICES
from gep.standards.classes import land_classes
from gep.standards.profile import load_profile, profile_ids

Cell = tuple[str, str]
YEAR = 2019
WATER = "water_retention.retained_water"
CELLS = sorted(land_classes())
CODE_OF = {cell: code for code, cell in enumerate(CELLS, 1)}
TRIED = [
    *((ecosystem, "") for ecosystem in ECOSYSTEMS),
    *(("forest", "mixed"), ("grassland", "temperate_steppe"), ("cropland", "paddy"), ("wetland", "lake")),
    *(("wetland", "marsh"), ("urban", "green"), ("desert", "sandy_land")),
]
TO_DEGREES = pyproj.Transformer.from_crs(EQUAL_AREA, "EPSG:4326", always_xy=True)
OF_DAYS = ("daily_", "subdaily_")
FIGURES_OF_CELL_SIZE = ("elevation", "upslope_area")
"""Layers from which more is derived where the size of their cells is known: arrays in a notebook have none."""


# the same arrays, twice -----------------------------------------------------------------------------------------------


@cache
def layers(columns: int, is_raw: bool) -> dict[str, xr.DataArray]:
    """Layers that are the same everywhere: every one of the vocabulary, or those that nothing can be derived for.
    Without days, which are worked out on their own grid or not needed.
    """
    made = {d.makes for d in DERIVATIONS if not any(name.startswith(OF_DAYS) for name in d.equation.units)}
    found = {}
    for name, kind in layer_kinds().items():
        is_left_out = name.startswith(OF_DAYS) or (is_raw and name in {*made, *FIGURES_OF_CELL_SIZE})
        if kind.kind == "class" or is_left_out:
            continue
        value = kind.usual_low + 0.3 * (kind.usual_high - kind.usual_low)
        found[name] = raster(np.full((12, 1, columns) if kind.is_monthly else (1, columns), value), kind.unit)
    return found


@cache
def dataset(is_raw: bool) -> xr.Dataset:
    """The layers of one cell."""
    return xr.Dataset(layers(1, is_raw))


@cache
def limits() -> Any:
    """Emissions so large that they limit nothing."""
    components = [component for service in SERVICES.values() for component in service.variants]
    items = {c.limit for c in components if isinstance(c, CellComponent) and c.limit}
    return statistics(*((CITY, item, "quantity", 1e12, "t") for item in sorted(items)))


@cache
def account_of(profile: str, is_raw: bool) -> Account:
    """A study of one row of cells, a square kilometre of each land class."""
    cover = raster(np.array([[CODE_OF[cell] for cell in CELLS]], dtype=np.uint8))
    return make_study(
        cover,
        layers(len(CELLS), is_raw),
        zones(block(0, 0, len(CELLS), 1)),
        profile=profile,
        year=YEAR,
        scheme_map={code: "/".join(part for part in cell if part) for cell, code in CODE_OF.items()},
        tables={"emissions": limits()},
    ).run(record=False)


@cache
def maps_of(profile: str, cell: Cell, is_raw: bool) -> xr.Dataset:
    """The densities of a class at the place where the study has it."""
    _, latitude = TO_DEGREES.transform(WEST + (CELLS.index(cell) + 0.5) * SIDE, NORTH - SIDE / 2)
    here = dataset(is_raw).assign_coords(lat=latitude)
    return compute_ecosystem(ECOSYSTEMS[cell[0]], here, loaded(profile), land_class=cell[1], year=YEAR)


loaded = cache(load_profile)


def on_cells(profile: str) -> dict[tuple[str, str], str]:
    """The components of a profile that are densities, and what maps of them are called."""
    names = {}
    for rule in loaded(profile).rules.values():
        service = SERVICES.get(rule.service)
        components = service.components(service.settings(rule.methods)) if service else ()
        for component in components:
            if isinstance(component, CellComponent):
                names[rule.service, component.id] = f"{rule.service}.{component.id}"
    return names


def integrals_of(profile: str, cell: Cell, is_raw: bool) -> dict[str, Entry]:
    """The entries of a class that are integrals of a density, as maps are called."""
    names = on_cells(profile)
    return {
        names[entry.service, entry.component]: entry
        for entry in account_of(profile, is_raw).entries
        if (entry.ecosystem, entry.land_class) == (cell[0], cell[1] or NONE)
        and (entry.service, entry.component) in names
        and entry.quantity is not None
    }


@pytest.mark.parametrize("is_raw", [False, True], ids=["all layers", "layers to derive from"])
@pytest.mark.parametrize("profile", profile_ids())
def test_a_map_integrates_to_the_account(profile, is_raw):
    found = 0
    for cell in TRIED:
        entries, maps = integrals_of(profile, cell, is_raw), maps_of(profile, cell, is_raw)
        quantities = {name for name, density in maps.items() if density.attrs["measure"] == "quantity"}
        assert quantities == set(entries), cell
        area = one(account_of(profile, is_raw), is_area=True, ecosystem=cell[0], land_class=cell[1] or NONE).quantity
        for name, entry in entries.items():
            density = maps[name]
            quantity = convert(
                density.item() * area, product(unit_of_attributes(density.attrs) or "", "m^2"), entry.unit
            )
            assert quantity == exactly(entry.quantity), (cell, name)
            found += 1
        for name in set(maps.data_vars) - quantities:
            parts = [f"{str(name).partition('.')[0]}.{part}" for part in maps[name].attrs["components"].split(", ")]
            value = math.fsum(entries[part].value for part in parts)
            assert maps[name].item() * area == pytest.approx(value, rel=1e-12), (cell, name)
    assert found >= (3 if is_raw else len(ECOSYSTEMS))


@pytest.mark.parametrize("is_raw", [False, True], ids=["all layers", "layers to derive from"])
@pytest.mark.parametrize("profile", profile_ids())
def test_what_is_lacking_is_lacking_for_the_same_reason(profile, is_raw):
    """What a map lacks beside coefficients of the class stands in the account's reason for the service."""
    details = {missing.service: missing.detail for missing in account_of(profile, is_raw).about.missing}
    services = {name: service for (service, _), name in on_cells(profile).items()}
    for cell in TRIED:
        for line in maps_of(profile, cell, is_raw).attrs["missing"].splitlines():
            name, _, reason = line.partition(": ")
            if "is not given" in reason:
                assert reason in details[services[name]], (cell, name)


# what counts ----------------------------------------------------------------------------------------------------------


def water(rain: float = 600.0, evapotranspiration: float = 380.0) -> xr.Dataset:
    return xr.Dataset(
        {
            "precipitation": constant(rain, "mm/year", (1, 2)),
            "evapotranspiration": constant(evapotranspiration, "mm/year", (1, 2)),
        }
    )


def test_cropland_water_counts_by_own_numbers_only(tmp_path):
    """600 mm of rain, of which a tenth runs off, and 380 mm that evaporate: 160 mm. Without a number of its own an
    account has no cropland, and so has a map.
    """
    without = gep.ecosystems.cropland.compute(water(), "ndrc-2022", land_class="dryland")
    assert WATER not in without
    assert (
        "water_retention.retained_water: it counts for cropland/dryland only by the study's own numbers"
        in without.attrs["missing"]
    )
    assert "runoff_coefficient" in without.attrs["missing"]
    own = own_coefficients(tmp_path, ("runoff_coefficient", "cropland/dryland", 0.1, "1"))
    given = gep.ecosystems.cropland.compute(water(), "ndrc-2022", land_class="dryland", coefficients=own)
    np.testing.assert_allclose(given[WATER], [[160.0, 160.0]], rtol=1e-12)
    other = gep.ecosystems.cropland.compute(water(), "ndrc-2022", land_class="paddy", coefficients=own)
    assert WATER not in other


def test_own_numbers_come_before_those_of_the_profile(tmp_path):
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest/mixed", 0.1, "1"))
    found = gep.ecosystems.forest.compute(water(), "ndrc-2022", land_class="mixed", coefficients=own)
    np.testing.assert_allclose(found[WATER], [[160.0, 160.0]], rtol=1e-12)


def test_own_numbers_that_cannot_be_are_refused(tmp_path):
    own = own_coefficients(tmp_path, ("runoff_coefficient", "forest/mixed", 0.1, "no unit"))
    with pytest.raises(InputError, match=r"own\.csv, line 2"):
        gep.ecosystems.forest.compute(water(), "ndrc-2022", land_class="mixed", coefficients=own)


def test_components_that_a_profile_does_not_have_are_left_out():
    """The calculation of HJ 1173 ends with the soil that is kept: nothing is said of nitrogen in it."""
    assert loaded("hj1173-2021").rules["soil_retention"].only == ("retained_soil",)
    maps = maps_of("hj1173-2021", ("forest", "mixed"), False)
    assert "soil_retention.retained_soil" in maps
    assert not [name for name in maps if "nitrogen" in str(name)]
    assert "nitrogen" not in maps.attrs["missing"]


def test_a_service_that_a_profile_turns_off_is_named():
    rule = loaded("ndrc-2022").rules["oxygen_release"]
    assert f"oxygen_release: {rule.off}" in maps_of("ndrc-2022", ("forest", "mixed"), False).attrs["missing"]


def test_a_method_brings_a_service_in():
    found = gep.ecosystems.forest.compute(
        dataset(False), "ndrc-2022", land_class="mixed", year=YEAR, methods={"oxygen_release": {}}
    )
    assert "oxygen_release.oxygen" in found


# what is said ---------------------------------------------------------------------------------------------------------


def test_reasons_come_in_both_languages():
    found = gep.ecosystems.forest.compute(xr.Dataset({"precipitation": constant(1, "mm/year", (1, 1))}), "ndrc-2022")
    english, chinese = found.attrs["missing"].splitlines(), found.attrs["missing_zh"].splitlines()
    assert any(
        line.startswith("water_retention.retained_water: `evapotranspiration` (mm/year) is not given")
        for line in english
    )
    assert any(
        line.startswith("water_retention.retained_water：未提供 `evapotranspiration`（毫米/年）") for line in chinese
    )
    assert len(english) == len(chinese)


def test_a_calendar_asks_for_the_year():
    found = compute_ecosystem(ECOSYSTEMS["forest"], dataset(True), "ndrc-2022", land_class="mixed")
    assert "`days_per_year`: it depends on the year: say year=" in found.attrs["missing"]


def test_a_map_says_what_it_shows_in_both_languages():
    about = gep.ecosystems.forest.compute(water(), "ndrc-2022", land_class="mixed")[WATER].attrs
    assert (about["long_name"], about["long_name_zh"]) == ("Water retention: Retained water", "水源涵养：涵养水量")


def test_maps_can_be_written_to_a_file(tmp_path):
    """The attributes are plain texts and numbers, as files of arrays ask for."""
    found = gep.ecosystems.forest.compute(water(), "ndrc-2022", land_class="mixed")
    found.to_netcdf(tmp_path / "maps.nc", engine="h5netcdf")
    again = xr.load_dataset(tmp_path / "maps.nc", engine="h5netcdf")
    assert again.attrs == found.attrs
    assert again[WATER].attrs["long_name_zh"] == "水源涵养：涵养水量"


def test_runoff_of_a_raster_makes_no_water_of_cropland():
    """Finding F11: cropland counts only with coefficients of the study's own, which a raster of runoff is none of; the
    map had 220 mm everywhere where the account has nothing.
    """
    runoff = {"water_retention": {"runoff": "raster"}}
    arrays = {
        name: constant(depth, "mm/year", (2, 2))
        for name, depth in (("precipitation", 900.0), ("evapotranspiration", 600.0), ("surface_runoff", 80.0))
    }
    maps = gep.ecosystems.cropland.compute(xr.Dataset(arrays), methods=runoff)
    assert WATER not in maps
    assert "water_retention" in maps.attrs["missing"]
    cover = np.full((2, 2), 1)
    study = make_study(
        cover,
        arrays,
        zones(block(0, 0, 2, 2)),
        of=["water_retention"],
        methods=runoff,
        scheme_map={1: "cropland/dryland"},
    )
    assert [entry for entry in study.run().entries if entry.service == "water_retention"] == []
