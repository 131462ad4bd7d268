"""Equations on arrays of any kind: what is given comes back, lazy, on another device, with its place, or is refused."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from builders import LONLAT, block, constant, make_study, raster, water_layers, zones
from declared import shipped

import gep
from gep.core.equation import Equation
from gep.core.errors import EquationError, InputError, ProjectError, UnitError, UsageError
from gep.core.units import unit_of_attributes
from gep.services.water_retention import retained_water

SHAPE = (2, 3)


class Device(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of its own kind, as those of a graphics card are: numpy's functions work on it and give its kind back,
    and it becomes no numpy array unasked.
    """

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    size = property(lambda self: self.values.size)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("implicit conversion to numpy")

    def __getitem__(self, key: Any) -> Device:
        return Device(self.values[key])

    def __len__(self) -> int:
        return len(self.values)

    def astype(self, *args: Any, **kwargs: Any) -> Device:
        return Device(self.values.astype(*args, **kwargs))

    def reshape(self, *shape: Any) -> Device:
        return Device(self.values.reshape(*shape))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [value.values if isinstance(value, Device) else value for value in inputs]
        if "out" in kwargs:
            kwargs["out"] = tuple(value.values if isinstance(value, Device) else value for value in kwargs["out"])
        return Device(getattr(ufunc, method)(*plain, **kwargs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        def plain(value: Any) -> Any:
            if isinstance(value, Device):
                return value.values
            return type(value)(map(plain, value)) if isinstance(value, list | tuple) else value

        found = func(*plain(args), **{name: plain(value) for name, value in kwargs.items()})
        return Device(found) if isinstance(found, np.ndarray) else found


def arguments(equation: Equation, kind: Any) -> dict[str, xr.DataArray]:
    """An array for every argument of an equation, with a month axis last where it has months."""
    found = {}
    for number, (name, unit) in enumerate(equation.units.items()):
        is_monthly = name in equation.monthly
        shape = (*SHAPE, 12) if is_monthly else SHAPE
        values = np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape) + 0.01 * number
        dims = ("y", "x", "month") if is_monthly else ("y", "x")
        found[name] = xr.DataArray(kind(values), dims=dims, attrs={"units": unit})
    return found


def on(equation: Equation) -> bool:
    """Whether an equation is one on cells: one on days or parts takes an axis of its own."""
    return not any(name.startswith(("daily_", "subdaily_", "calendar_")) for name in equation.arguments)


ON_CELLS = [equation for equation in shipped() if on(equation)]


@pytest.mark.parametrize("equation", ON_CELLS, ids=lambda e: e.name)
def test_any_kind_of_array_gives_the_same_and_its_own_kind(equation: Equation):
    try:
        by_numpy = equation(**arguments(equation, np.asarray))
    except (ValueError, TypeError, IndexError):
        pytest.skip("an equation on the parts of a whole")
    if by_numpy.shape[:2] != SHAPE:
        pytest.skip("an equation on the parts of a whole")
    by_dask = equation(**arguments(equation, lambda values: da.from_array(values, chunks=(1, 2, 12)[: values.ndim])))
    on_device = equation(**arguments(equation, Device))
    assert isinstance(by_dask.data, da.Array)
    np.testing.assert_allclose(by_dask.compute(), by_numpy, rtol=1e-12)
    assert isinstance(on_device.data, Device)
    np.testing.assert_allclose(on_device.data.values, by_numpy, rtol=1e-12)


def water(kind: Any = np.asarray, **units: str) -> dict[str, Any]:
    depths = {"precipitation": 1000.0, "evapotranspiration": 600.0}
    return {
        name: xr.DataArray(kind(np.full(SHAPE, depth)), dims=("y", "x"), attrs={"units": units.get(name, "mm/year")})
        for name, depth in depths.items()
    }


def test_a_bare_array_beside_chunks_is_refused():
    """It was applied to each chunk."""
    lazy = water(lambda values: da.from_array(values, chunks=(1, 3)))
    with pytest.raises(EquationError, match="without names of its dimensions"):
        retained_water(**lazy, runoff_coefficient=np.full(SHAPE, 0.1))
    given = retained_water(
        **lazy, runoff_coefficient=xr.DataArray(np.full(SHAPE, 0.1), dims=("y", "x"), attrs={"units": "1"})
    )
    np.testing.assert_allclose(given, 300.0)
    assert given.chunks == ((1, 1), (3,))


def test_of_other_chunks_and_of_none():
    given = water()
    given["precipitation"] = given["precipitation"].chunk({"x": 2})
    given["evapotranspiration"] = given["evapotranspiration"].chunk({"y": 1})
    np.testing.assert_allclose(retained_water(**given, runoff_coefficient=0.1), 300.0)


# the place ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spatial_ref", "crs", "lambert_azimuthal"])
def test_the_coordinate_of_the_system_is_kept_under_any_name(name: str):
    given = {
        key: array.assign_coords({name: xr.DataArray(0, attrs={"crs_wkt": "…"})}) for key, array in water().items()
    }
    for array in given.values():
        array.encoding["grid_mapping"] = name
    found = retained_water(**given, runoff_coefficient=0.1)
    assert found[name].attrs == {"crs_wkt": "…"}
    assert found.encoding == {"grid_mapping": name}


@pytest.mark.parametrize("dims", [("y", "x"), ("lat", "lon"), ("northing", "easting")])
def test_axes_of_any_name_in_degrees(dims: tuple[str, str]):
    """x and y of EPSG:4326 too, whose system stands in a coordinate."""
    import pyproj

    at = {"crs": LONLAT, "west": 117.0, "north": 38.0, "cell": 0.01}

    def named(array: xr.DataArray) -> xr.DataArray:
        bare = xr.DataArray(
            array.values,
            dims=dims,
            coords={new: array[old].values for new, old in zip(dims, array.dims, strict=True)},
            attrs={key: value for key, value in array.attrs.items() if key != "crs"},
        )
        return bare.assign_coords(crs=xr.DataArray(0, attrs={"crs_wkt": pyproj.CRS(LONLAT).to_wkt()}))

    layers = {
        name: named(raster(np.full(SHAPE, v), "mm/year", **at))
        for name, v in (("precipitation", 1000.0), ("evapotranspiration", 600.0))
    }
    cover = named(raster(np.full(SHAPE, 1, dtype=np.uint8), **at))
    whole = zones(block(0.1, 0.1, 2.9, 1.9, west=117.0, north=38.0, cell=0.01), crs=LONLAT)
    study = make_study(cover, layers, whole, of=["water_retention"])
    assert not [found for found in study.inputs.problems if found.severity == "error"]
    np.testing.assert_allclose(
        study.densities(measures=["quantity"])["water_retention.retained_water"], 1000 * (1 - 0.0452) - 600
    )


# stored numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [{"scale_factor": 0.1}, {"add_offset": -273.15}])
@pytest.mark.parametrize("dtype", ["int16", "float64"])
def test_stored_numbers_are_refused_alike(packed: dict[str, float], dtype: str):
    """Nothing is scaled in memory: a study and an equation say how to open the array, and neither guesses."""
    layers = water_layers(SHAPE)
    layers["precipitation"] = layers["precipitation"].astype(dtype).assign_attrs(layers["precipitation"].attrs | packed)
    study = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2)), of=["water_retention"])
    with pytest.raises(InputError) as refused:
        study.run()
    assert "mask_and_scale=True" in str(refused.value.problems[0].do)
    with pytest.raises(EquationError, match="mask_and_scale=True"):
        retained_water(**layers, runoff_coefficient=0.1)
    layers["precipitation"].attrs |= {"scale_factor": 1.0, "add_offset": 0.0}
    study = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2)), of=["water_retention"])
    assert study.run(record=False).total() is not None


def test_a_layer_specification_may_say_the_scale(tmp_path: Any):
    """Who says it knows that the numbers are stored ones."""
    layers: dict[str, Any] = water_layers(SHAPE)
    layers["precipitation"] = gep.LayerSpec(
        "", (layers["precipitation"] * 10).assign_attrs(layers["precipitation"].attrs), scale=0.1
    )
    study = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2)), of=["water_retention"])
    np.testing.assert_allclose(study.densities()["water_retention.retained_water"], 1200 * (1 - 0.0452) - 700)


# water by its mass ----------------------------------------------------------------------------------------------------


def test_a_mass_of_water_is_a_depth():
    """A kilogram on a square metre is a millimetre, as water has 1000 kg in a cubic metre."""
    given = water(precipitation="kg m-2 yr-1", evapotranspiration="kg m-2 yr-1")
    np.testing.assert_allclose(retained_water(**given, runoff_coefficient=0.1), 300.0)
    with pytest.raises(UnitError, match="precipitation"):
        retained_water(**water(precipitation="kg m-2 s-1"), runoff_coefficient=0.1)
    with pytest.raises(UnitError):
        retained_water(**water(precipitation="t*carbon/(hm^2*year)"), runoff_coefficient=0.1)


@pytest.mark.parametrize(("year", "days"), [(2019, 365), (2020, 366)])
def test_a_flux_of_water_is_added_up_over_the_year(year: int, days: int):
    """0.00003 kg m-2 s-1 is 2.592 mm a day, in a study and in densities of an ecosystem alike."""
    layers = water_layers(SHAPE, 3e-5, 1e-5)
    for array in layers.values():
        array.attrs["units"] = "kg m-2 s-1"
    rain, vapour = 3e-5 * 86400 * days, 1e-5 * 86400 * days
    expected = rain * (1 - 0.0452) - vapour
    study = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2)), of=["water_retention"], year=year)
    np.testing.assert_allclose(study.densities()["water_retention.retained_water"], expected)
    told = [found for found in study.inputs.problems if found.code == "T20"]
    assert [found.severity for found in told] == ["information", "information"]
    found = gep.ecosystems.forest.compute(xr.Dataset(layers), land_class="evergreen_needleleaf", year=year)
    np.testing.assert_allclose(found["water_retention.retained_water"], expected)


def test_a_flux_of_water_by_month():
    """1e-5 kg m-2 s-1 in every month: 26.784 mm in January of 31 days."""
    monthly = raster(np.full((12, *SHAPE), 1e-5), "kg m-2 s-1")
    layers = water_layers(SHAPE) | {"monthly_precipitation": monthly}
    study = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2)))
    layer = study.inputs.layers["monthly_precipitation"]
    assert layer.by_field[0][0] * 1e-5 == pytest.approx(26.784)
    assert layer.by_field[1][0] * 1e-5 == pytest.approx(24.192)  # 28 days


def test_a_mass_that_is_no_water_is_refused():
    """What stands on an area in kg may be anything: depth of soil or snow is not known by it."""
    for name in ("snow_depth", "root_depth", "wind_speed"):
        layers = water_layers(SHAPE) | {name: constant(1.0, "kg m-2 s-1", SHAPE)}
        found = make_study(np.full(SHAPE, 1), layers, zones(block(0, 0, 3, 2))).inputs.problems
        assert "U02" in {problem.code for problem in found if problem.subject == name}


# names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"profile": "ndrc-2002"}, "ndrc-2022"),
        ({"region": "northeeast"}, "northeast"),
        ({"land_class": "mixd"}, "mixed"),
        ({"methods": {"water_retenton": {}}}, "water_retention"),
        ({"methods": {"water_retention": {"runof": "raster"}}}, "runoff"),
        ({"methods": {"water_retention": {"runoff": "rastr"}}}, "raster"),
    ],
    ids=str,
)
def test_a_name_that_is_misspelt(wrong: dict[str, Any], said: str):
    with pytest.raises((UsageError, ProjectError), match=f"`{said}`"):
        gep.ecosystems.forest.compute(xr.Dataset(water_layers(SHAPE)), **wrong)


def test_units_are_read_as_they_are_written():
    assert unit_of_attributes({"units": "kg m-2 yr-1"}) == "kg m-2 yr-1"
    assert unit_of_attributes({"units": "g m-2 year-1", "substance": "carbon"}) == "(g m-2 year-1)*carbon"
    assert unit_of_attributes({"units": "g", "substance": "gold"}) == "g"
    assert unit_of_attributes({}) is None
