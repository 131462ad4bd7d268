"""Density maps of an ecosystem, from arrays of a notebook."""

import numpy as np
import pytest
import xarray as xr

import gep
from gep.core.errors import ProjectError
from gep.derivations import DERIVATIONS
from gep.services import SERVICES

WATER = "water_retention.retained_water"

# density maps of an ecosystem -----------------------------------------------------------------------------------------


def layers(**values):
    units = {"precipitation": "mm/year", "evapotranspiration": "mm/year", "potential_evapotranspiration": "mm/year"}
    return xr.Dataset(
        {name: (("y", "x"), np.array(v, dtype=float), {"units": units[name]}) for name, v in values.items()}
    )


def test_densities_of_mixed_forest():
    """600 mm of rain, 3.52 % runoff (Gong et al. 2017, table 2), 400 mm evapotranspiration: 600 - 21.12 - 400 = 178.88
    mm.
    """
    ds = layers(precipitation=[[600.0, 1000.0]], evapotranspiration=[[400.0, np.nan]])
    result = gep.ecosystems.forest.compute(ds, "ndrc-2022", land_class="mixed")
    np.testing.assert_allclose(result[WATER], [[178.88, np.nan]], rtol=1e-12)
    assert result[WATER].attrs["units"] == "mm year-1"
    # (88.65 + 215.6) / 2 for mixed forest, 6 for any forest, as the profile's table says
    np.testing.assert_allclose(result["air_purification.so2"], [[152.125, 152.125]], rtol=1e-12)
    assert result["air_purification.so2"].attrs["ucum"] == "kg{SO2}.hm-2.a-1"
    np.testing.assert_allclose(result["air_purification.nox"], [[6.0, 6.0]], rtol=1e-12)
    assert "air_purification.dust" not in result, "no row for mixed forest or forest as a whole"
    assert "air_purification.dust" in result.attrs["missing"]
    assert "dust_uptake" in result.attrs["missing"]
    assert (result.attrs["ecosystem"], result.attrs["land_class"], result.attrs["profile"]) == (
        "forest",
        "mixed",
        "ndrc-2022",
    )


def test_densities_with_derived_evapotranspiration():
    """600 (1 - 0.0352) - 490.326, of methods.md 5b: et_fu."""
    ds = layers(precipitation=[[600.0]], potential_evapotranspiration=[[900.0]])
    result = gep.ecosystems.forest.compute(ds, "ndrc-2022", land_class="mixed")
    assert float(result[WATER][0, 0]) == pytest.approx(600 * (1 - 0.0352) - 490.326, abs=5e-4)
    other = gep.ecosystems.forest.compute(
        ds, "ndrc-2022", land_class="mixed", methods={"water_retention": {"evapotranspiration": "zhang"}}
    )
    assert float(other[WATER][0, 0]) == pytest.approx(600 * (1 - 0.0352) - 600 * 0.857143, abs=5e-4)


def test_densities_take_switches():
    ds = layers(precipitation=[[500.0]], evapotranspiration=[[520.0]])
    kept = gep.ecosystems.grassland.compute(ds, "ndrc-2022", land_class="temperate_steppe")
    clipped = gep.ecosystems.grassland.compute(
        ds, "ndrc-2022", land_class="temperate_steppe", methods={"water_retention": {"negative": "clip_cell"}}
    )
    assert float(kept[WATER][0, 0]) == pytest.approx(-39.7)
    assert float(clipped[WATER][0, 0]) == 0


def test_densities_refuse_an_unknown_switch():
    """It would otherwise be ignored, and the map would look as asked for."""
    ds = layers(precipitation=[[500.0]], evapotranspiration=[[520.0]])
    with pytest.raises(ProjectError, match="has no method switch `negativ`"):
        gep.ecosystems.grassland.compute(ds, "ndrc-2022", methods={"water_retention": {"negativ": "clip_cell"}})
    with pytest.raises(ProjectError, match="cannot be `clip`"):
        gep.ecosystems.grassland.compute(ds, "ndrc-2022", methods={"water_retention": {"negative": "clip"}})


def test_densities_name_what_is_lacking():
    result = gep.ecosystems.forest.compute(layers(precipitation=[[600.0]]), "ndrc-2022", land_class="mixed")
    assert WATER not in result
    assert "`evapotranspiration` (mm/year) is not given" in result.attrs["missing"]


def test_densities_of_what_does_not_count_are_left_out():
    ds = layers(precipitation=[[600.0]], evapotranspiration=[[400.0]])
    assert WATER not in gep.ecosystems.wetland.compute(ds, "ndrc-2022", land_class="lake")


def test_densities_stay_lazy():
    dask = pytest.importorskip("dask.array")
    ds = layers(precipitation=[[600.0, 600.0]], evapotranspiration=[[400.0, 300.0]]).chunk({"x": 1})
    result = gep.ecosystems.forest.compute(ds, "ndrc-2022", land_class="mixed")
    assert isinstance(result[WATER].data, dask.Array)
    np.testing.assert_allclose(result[WATER].compute(), [[178.88, 278.88]], rtol=1e-12)


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda s: s.id)
def test_every_option_of_a_switch_does_something(service):
    """An option chooses other components, or derivations of its own; the only option of a switch says what is always
    done.
    """
    chosen_by_derivations = {(d.switch or d.makes, option) for d in DERIVATIONS for option in d.options}
    others = {"valuation_basis", "terrain"}  # read where products are valued and where a slope is allowed
    for name, switch in service.switches.items():
        for option in switch.options[1:]:
            differs = service.components(service.settings({name: option})) != service.components(service.settings({}))
            in_company = any(
                service.components({**service.settings({other: choice}), name: option})
                != service.components(service.settings({other: choice}))
                for other, of in service.switches.items()
                if other != name
                for choice in of.options
            )
            assert differs or in_company or (name, option) in chosen_by_derivations or name in others, (name, option)


def test_a_leap_year_needs_to_be_known_for_a_map_of_cooling():
    """1 m/year and 73 days of 366: 0.19945 m; the latent heat of its water through an efficiency ratio of 3."""
    cells = xr.DataArray(np.ones((1, 2)), dims=("y", "x"))
    layers = xr.Dataset(
        {
            "water_evaporation": cells.assign_attrs(units="m/year"),
            "cooling_days": (73 * cells).assign_attrs(units="day/year"),
        }
    )
    found = gep.ecosystems.wetland.compute(layers, "ndrc-2022", land_class="lake", year=2020)
    expected = 73 / 366 * 1000 * 2450 / 3  # kJ/m2
    np.testing.assert_allclose(found["climate_regulation.evaporation"], expected, rtol=1e-12)
    assert "days_per_year" in gep.ecosystems.wetland.compute(layers, "ndrc-2022", land_class="lake").attrs["missing"]


def test_a_map_of_no_layers_is_a_message():
    assert "no layer is given" in gep.ecosystems.forest.compute(xr.Dataset(), "cas-2010").attrs["missing"]
