"""What holds for every account: units, parts and wholes, size, order, and what is missing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from builders import (
    ALPHA,
    CLASSES,
    FOREST,
    KM2,
    LAKE,
    NORTH,
    SAVANNA,
    SIDE,
    STEPPE,
    WEST,
    block,
    emissions,
    find,
    make_study,
    missing,
    own_coefficients,
    raster,
    statistics,
    zones,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.ops import split

few = settings(max_examples=12, deadline=None)
seeds = st.integers(0, 2**32 - 1)

CODES = (FOREST, STEPPE, LAKE, SAVANNA)
UPTAKE = {"air_purification": {"amount": "capacity"}}
"""Air purification without emissions: a second service, and one that needs no layer."""

SERVICES = ("water_retention", "air_purification", "forestry_products")
"""Of layers, of areas and of tables."""


class City:
    """A random city: classes, rain and evapotranspiration. It rains more than evaporates, so that no difference loses
    digits.
    """

    def __init__(self, seed: int, rows: int = 5, cols: int = 7) -> None:
        random = np.random.default_rng(seed)
        self.shape = rows, cols
        self.cover = random.choice(CODES, self.shape)
        self.rain = random.uniform(900, 2000, self.shape)
        self.gone = random.uniform(100, 500, self.shape)
        self.random = random

    def layers(self, unit: str = "mm/year", per_mm: float = 1.0) -> dict:
        return {
            "precipitation": raster(self.rain * per_mm, unit),
            "evapotranspiration": raster(self.gone * per_mm, unit),
        }

    def halves(self):
        col = self.shape[1] // 2
        return zones(block(0, 0, col, self.shape[0]), block(col, 0, self.shape[1], self.shape[0]))

    def run(self, counties=None, **more):
        study = make_study(
            more.pop("cover", self.cover),
            more.pop("layers", self.layers()),
            self.halves() if counties is None else counties,
            methods={**UPTAKE, **more.pop("methods", {})},
            of=SERVICES,
            **more,
        )
        return study.run(threads=1, record=False)


def figures(account) -> dict:
    """Quantity and value of every entry."""
    return {
        (e.zone, e.ecosystem, e.land_class, e.service, e.component, measure): getattr(e, measure)
        for e in account.entries
        for measure in ("quantity", "value")
    }


def by_class(account) -> dict:
    """Area and quantities of the whole city by class, service and component."""
    sums: dict = {}
    for e in account.entries:
        sums.setdefault((e.ecosystem, e.land_class, e.service, e.component), []).append(e.quantity)
    return {key: math.fsum(q for q in quantities if q is not None) for key, quantities in sums.items()}


def assert_same(found: dict, expected: dict, rel: float) -> None:
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == (None if value is None else pytest.approx(value, rel=rel, abs=0)), key


# units ----------------------------------------------------------------------------------------------------------------


@few
@given(
    seeds,
    st.sampled_from([("m/year", 1e-3), ("cm/year", 0.1), ("um/year", 1e3), ("mm a-1", 1.0), ("m^3/(hm^2*year)", 10.0)]),
)
def test_layers_in_other_units(seed, unit):
    city = City(seed)
    assert_same(figures(city.run(layers=city.layers(*unit))), figures(city.run()), rel=1e-12)


@few
@given(st.floats(0.01, 0.3), st.floats(1, 20), st.floats(1, 500), st.floats(10, 1e6))
def test_coefficients_and_tables_in_other_units(tmp_path_factory, alpha, price, emission, output):
    folder, city = tmp_path_factory.mktemp("own"), City(1)
    accounts = []
    for share, money, mass, worth in (
        ((alpha, "1"), (price, "CNY/m^3"), (emission, "t"), (output, "CNY")),
        ((alpha * 100, "percent"), (price / 1e4, "万元/m3"), (emission * 1e3, "kg"), (output / 1e4, "万元")),
        ((alpha * 1000, "‰"), (price * 1e4, "CNY/(10^4 m^3)"), (emission / 1e4, "万吨"), (output / 1e8, "亿元")),
    ):
        own = own_coefficients(folder, ("runoff_coefficient", "forest", *share), ("reservoir_cost", "", *money, 2019))
        rows = [("_city", f"{name}_emission", "quantity", *mass) for name in ("so2", "nox", "dust")]
        tables = {"t": statistics(*rows, ("_city", "forestry_products/nuts", "value", *worth))}
        methods = {"air_purification": {"amount": "capped"}}
        accounts.append(figures(city.run(coefficients={"own": own}, tables=tables, methods=methods)))
    assert_same(accounts[1], accounts[0], rel=1e-11)  # what a cap takes away is a difference
    assert_same(accounts[2], accounts[0], rel=1e-11)


# parts and wholes -----------------------------------------------------------------------------------------------------


@few
@given(seeds, st.booleans())
def test_every_way_of_adding_up_gives_the_total(seed, is_negative):
    city = City(seed)
    layers = city.layers()
    if is_negative:
        layers["evapotranspiration"] = layers["evapotranspiration"] * 5
        layers["evapotranspiration"].attrs["units"] = "mm/year"
    account = city.run(layers=layers)
    counted = [e.value for e in account.counted()]
    assert account.total() == math.fsum(counted)
    size = math.fsum(map(abs, counted))
    for key in ("service", "ecosystem", "zone", "land_class", "component", "category"):
        parts = account.totals(key).values()
        assert math.isclose(math.fsum(parts), account.total(), rel_tol=1e-15, abs_tol=1e-15 * size), key
    values = [r["value"] for r in account.rows() if r["measure"] == "value" and r["counted"] and r["value"] is not None]
    assert math.fsum(values) == account.total()


def cut(polygon: shapely.Polygon, line: tuple[int, int, int], cols: int) -> list[shapely.Polygon]:
    """A polygon cut along q row = p col + c / 97, in cells.

    97 is prime and p and q are small: the line passes no lattice corner closer than about a hundredth of a cell, and
    leaves no sliver that is small enough to count as rounding.
    """
    p, q, c = line
    ends = (
        [(col, (p * col + c / 97) / q) for col in (-1, cols + 1)] if q else [(-c / 97 / p, row) for row in (-100, 100)]
    )
    knife = shapely.LineString([(WEST + col * SIDE, NORTH - row * SIDE) for col, row in ends])
    return list(split(polygon, knife).geoms)


slopes = st.sampled_from([(0, 1), (1, 0), (1, 1), (-1, 1), (2, 1), (-1, 2), (3, 2), (-2, 3)])


@few
@given(seeds, slopes, st.integers(-900, 900).filter(lambda c: c % 97))
def test_cutting_a_county_changes_nothing_for_the_city(seed, slope, offset):
    city = City(seed)
    county, other = block(0.5, 0.25, 4.5, 5), block(4.5, 0.25, 7, 5)
    whole = city.run(zones(county, other), coverage="fraction")
    parts = city.run(zones(*cut(county, (*slope, offset), 7), other), coverage="fraction")
    assert_same(by_class(parts), by_class(whole), rel=1e-12)
    assert parts.total() == pytest.approx(whole.total(), rel=1e-12)


@few
@given(seeds, st.integers(1, 6))
def test_cutting_along_cells_changes_nothing_by_centres(seed, col):
    city = City(seed)
    whole = city.run(zones(block(0, 0, 7, 5)), coverage="centre")
    parts = city.run(zones(block(0, 0, col, 5), block(col, 0, 7, 5)), coverage="centre")
    assert_same(by_class(parts), by_class(whole), rel=1e-14)


@few
@given(seeds, st.floats(0.2, 6.8), st.floats(0.2, 4.8))
def test_fractions_and_plain_numpy_agree(seed, east, south):
    """A county from the corner to anywhere: widths and heights of its cells are a matter of subtraction."""
    city = City(seed)
    account = city.run(zones(block(0, 0, east, south)), coverage="fraction")
    part = np.outer(np.clip(south - np.arange(5), 0, 1), np.clip(east - np.arange(7), 0, 1))
    for code, alpha in ALPHA.items():
        here = part * (city.cover == code)
        depth = city.rain * (1 - alpha) - city.gone
        found = [e for e in find(account, service="water_retention") if e.land_class == make_class(code)]
        expected = (depth / 1000 * KM2 * here).sum()
        assert math.fsum(e.quantity for e in found) == pytest.approx(
            expected, rel=1e-8, abs=1e-3
        )  # a sliver of 1e-9 of a cell is dropped


def make_class(code: int) -> str:
    return {FOREST: "evergreen_needleleaf", STEPPE: "temperate_steppe", SAVANNA: "savanna"}[code]


# size and order -------------------------------------------------------------------------------------------------------


@few
@given(seeds, st.sampled_from([2.0, 0.5, 3.0]))
def test_a_larger_cell_gives_more_by_its_area(seed, factor):
    city, cell = City(seed), SIDE * factor
    small = city.run()
    layers = {
        "precipitation": raster(city.rain, "mm/year", cell=cell),
        "evapotranspiration": raster(city.gone, "mm/year", cell=cell),
    }
    counties = zones(block(0, 0, 3, 5, cell=cell), block(3, 0, 7, 5, cell=cell))
    large = city.run(counties, cover=raster(city.cover, cell=cell), layers=layers)
    expected = {key: None if figure is None else figure * factor**2 for key, figure in figures(small).items()}
    assert_same(figures(large), expected, rel=1e-10)


@few
@given(seeds)
def test_the_same_land_twice_is_twice_the_quantity(seed):
    city = City(seed)
    once = city.run(zones(block(0, 0, 7, 5)))
    layers = {
        "precipitation": raster(np.hstack([city.rain] * 2), "mm/year"),
        "evapotranspiration": raster(np.hstack([city.gone] * 2), "mm/year"),
    }
    twice = city.run(zones(block(0, 0, 14, 5)), cover=np.hstack([city.cover] * 2), layers=layers)
    assert_same(by_class(twice), {key: 2 * amount for key, amount in by_class(once).items()}, rel=1e-10)
    assert twice.total() == pytest.approx(2 * once.total(), rel=1e-10)


@few
@given(seeds, st.permutations(range(4)))
def test_the_order_of_counties_does_not_matter(seed, order):
    city = City(seed)
    polygons = [block(0, 0, 2.5, 2), block(2.5, 0, 7, 2), block(0, 2, 3, 5), block(3, 2, 7, 5)]
    counties = zones(*polygons)
    assert city.run(counties.iloc[list(order)]).digest == city.run(counties).digest


@few
@given(seeds, st.permutations(CODES))
def test_the_numbers_of_classes_do_not_matter(seed, codes):
    city = City(seed)
    renamed = dict(zip(CODES, codes, strict=True))
    plain = city.run()
    cover = np.vectorize(renamed.get)(city.cover)
    other = city.run(cover=cover, scheme_map={new: CLASSES[old] for old, new in renamed.items()})
    assert other.digest == plain.digest


# what is missing ------------------------------------------------------------------------------------------------------


@few
@given(seeds, st.floats(0, 1))
def test_what_has_no_input_is_missing_and_never_zero(seed, share):
    city = City(seed)
    layers = city.layers()
    gaps = {name: city.random.random(city.shape) < share for name in layers}
    for name, gap in gaps.items():
        layers[name].values[gap] = np.nan
    assume(not any(gap.all() for gap in gaps.values()))  # a layer without any value is an error
    account = city.run(layers=layers)
    valid = ~(gaps["precipitation"] | gaps["evapotranspiration"])
    for zone, cols in (("101", slice(0, 3)), ("102", slice(3, 7))):
        for code, alpha in ALPHA.items():
            here = city.cover[:, cols] == code
            depth = (city.rain * (1 - alpha) - city.gone)[:, cols]
            entries = find(account, service="water_retention", zone=zone, land_class=make_class(code))
            if not here.any():
                assert not entries
                continue
            (entry,) = entries
            present = here & valid[:, cols]
            assert entry.coverage == pytest.approx(present.sum() / here.sum(), rel=1e-10)
            if present.any():
                assert entry.quantity == pytest.approx(depth[present].sum() / 1000 * KM2, rel=1e-10)
            else:
                assert entry.quantity is None
                assert entry.value is None


@few
@given(seeds, st.integers(0, 4), st.integers(0, 6))
def test_a_missing_cell_takes_only_what_needs_it(seed, row, col):
    city = City(seed)
    full, layers = city.run(), city.layers()
    layers["precipitation"].values[row, col] = np.nan
    holed = city.run(layers=layers)
    changed = {key for key, figure in figures(full).items() if figures(holed)[key] != figure}
    if city.cover[row, col] == LAKE:
        assert not changed
    else:
        ((zone, land_class, service),) = {(key[0], key[2], key[3]) for key in changed}
        assert (zone, land_class, service) == (
            "101" if col < 3 else "102",
            make_class(city.cover[row, col]),
            "water_retention",
        )


@few
@given(seeds, st.sets(st.sampled_from(["precipitation", "evapotranspiration"]), max_size=1))
def test_a_layer_that_is_not_given_takes_the_service_and_nothing_else(seed, given_layers):
    city = City(seed)
    full = city.run()
    account = city.run(layers={name: layer for name, layer in city.layers().items() if name in given_layers})
    assert missing(account)["water_retention"] == "no_input"
    assert figures(account) == {key: figure for key, figure in figures(full).items() if key[3] != "water_retention"}


# the outline ----------------------------------------------------------------------------------------------------------


@few
@given(seeds, st.integers(1, 6), st.integers(1, 4))
def test_what_is_in_no_county_is_unallocated(seed, col, row):
    city = City(seed)
    outline = zones(block(0, 0, 7, 5))
    whole = city.run(outline, coverage="fraction")
    account = city.run(zones(block(0, 0, col, row)), outline=outline, coverage="fraction")
    assert_same(by_class(account), by_class(whole), rel=1e-12)
    rest = math.fsum(e.quantity for e in account.entries if e.is_area and e.zone == "_unallocated")
    assert rest == pytest.approx((35 - row * col) * KM2, rel=1e-10)
    assert account.totals("zone")["_unallocated"] == pytest.approx(
        whole.total() - account.totals("zone").get("101", 0.0), rel=1e-9
    )


@few
@given(seeds, st.sampled_from(["centre", "fraction"]))
def test_land_outside_the_outline_is_never_counted(seed, mode):
    city = City(seed)
    counties, outline = zones(block(0, 0, 4, 5), block(4, 0, 7, 5)), zones(block(1, 1, 6, 4))
    inside = city.run(counties, outline=outline, coverage=mode)
    outside = np.ones(city.shape, dtype=bool)
    outside[1:4, 1:6] = False
    # outside: a class that no scheme knows, rain that cannot be, evapotranspiration that is missing
    city.cover[outside], city.rain[outside], city.gone[outside] = 99, -1e9, np.nan
    other = city.run(counties, outline=outline, coverage=mode)
    assert other.digest == inside.digest
    assert math.fsum(e.quantity for e in other.entries if e.is_area) == pytest.approx(15 * KM2, rel=1e-10)


# caps -----------------------------------------------------------------------------------------------------------------


@few
@given(seeds, st.floats(0, 2000), st.floats(0, 2000))
def test_no_county_removes_more_than_it_emits(seed, first, second):
    city = City(seed)
    of = {"101": first, "102": second}
    account = city.run(
        tables={"t": emissions(so2=of, nox=of, dust=of)}, methods={"air_purification": {"amount": "capped"}}
    )
    for zone, emitted in of.items():
        for pollutant in ("so2", "nox", "dust"):
            capacity = math.fsum(e.quantity for e in find(account, zone=zone, component=pollutant))
            taken = math.fsum(e.quantity for e in find(account, zone=zone, component=f"{pollutant}_cap"))
            assert taken <= 0
            assert capacity + taken == pytest.approx(min(capacity, emitted), rel=1e-9, abs=1e-9)
