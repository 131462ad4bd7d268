"""Intervals of small worlds that are worked by hand, and of the sample city.

Two counties of temperate steppe on cells of one square kilometre, with 1200 mm of rain and 700 mm of evapotranspiration
everywhere. A share c of the rain runs off, so that 1.2 (1 - c) - 0.7 m of water are kept, at p CNY for a cubic metre.
"""

from __future__ import annotations

import copy
import math
from functools import partial

import numpy as np
import pytest
from builders import STEPPE, block, emissions, make_study, one, raster, water_layers, zones
from one_forest import everywhere, row_of
from one_forest import make_study as make_forest

from gep.account.propagation import shares_of_product
from gep.account.uncertain.change import uncertainty_of_change
from gep.account.uncertain.model import Model
from gep.account.uncertain.parts import Kept
from gep.core.errors import UsageError
from gep.report.uncertainty import write_uncertainty
from gep.study.redrawn import engine_of

CELLS = {"101": 4, "102": 2}
AREA = 1e6
RAIN, PRICE = 1.2, 10.0
RUNOFF = {"value": 0.1, "unit": "1", "low": 0.05, "high": 0.15}
COST = {"value": PRICE, "unit": "CNY/m^3", "price_year": 2019}


def water(rain=1200.0, runoff=RUNOFF, cost=COST):
    return make_study(
        np.full((2, 3), STEPPE),
        water_layers((2, 3), rain),
        zones(block(0, 0, 2, 2), block(2, 0, 3, 2)),
        of=["water_retention"],
        coefficients={"runoff_coefficient": {"grassland": runoff}, "reservoir_cost": cost},
    ).run()


@pytest.fixture(scope="module")
def steppe():
    return water()


def ends(interval):
    return interval.lower, interval.upper


def test_a_linear_account_has_the_exact_variance_and_interval(steppe):
    """V = (P - E - P c) A p is linear in c, which is uniform over 0.1: u = P A p 0.1 / sqrt(12), and 95 % of the
    draws lie within 0.0475 of the middle of the range, which is c.
    """
    found = steppe.uncertainty()
    total = 6 * AREA * PRICE * (RAIN * 0.9 - 0.7)
    assert found.total.value == pytest.approx(total)
    slope = RAIN * 6 * AREA * PRICE
    assert found.samples["total", ""].var() == pytest.approx((slope * 0.1) ** 2 / 12, rel=1e-3)
    assert ends(found.total) == pytest.approx((total - slope * 0.0475, total + slope * 0.0475), rel=1e-4)
    half = 1.959964 * slope * 0.1 / math.sqrt(12)
    assert ends(found.gum) == pytest.approx((total - half, total + half), rel=1e-6)
    assert found.has_settled


def test_one_coefficient_is_one_number_in_all_counties(steppe):
    """The half-widths of the counties add up, as in the vector i.shared_coefficient, and not their squares."""
    found = steppe.uncertainty()
    widths = {zone: of.upper - of.lower for zone, of in found.by_zone.items()}
    for zone, cells in CELLS.items():
        assert widths[zone] == pytest.approx(RAIN * cells * AREA * PRICE * 0.095, rel=1e-3)
    assert sum(widths.values()) == pytest.approx(found.total.upper - found.total.lower, rel=1e-9)
    assert [(driver.name, driver.first, driver.total) for driver in found.drivers] == [
        ("runoff_coefficient[grassland]", 1.0, 1.0)
    ]


def test_the_rows_of_an_account_have_the_intervals_of_their_values(steppe):
    """(1.2 (1 - c) - 0.7) m with c between 0.0525 and 0.1475, on the cells of each county; nothing else moves."""
    account = steppe.with_intervals(steppe.uncertainty(figures=True))
    assert account.digest == steppe.digest
    rows = [row for row in account.rows() if row["lower"] is not None]
    assert {(row["measure"], row["interval_level"]) for row in rows} == {("value", 0.95)}
    for row in rows:
        area = CELLS[row["area_code"]] * AREA * PRICE
        expected = [area * (RAIN * (1 - c) - 0.7) for c in (0.1475, 0.0525)]
        assert [row["lower"], row["upper"]] == pytest.approx(expected, rel=1e-3)
    assert len(rows) == len(CELLS)
    assert {row["lower"] for row in steppe.rows()} == {None}


def test_a_table_and_pictures_of_it(steppe):
    found = steppe.uncertainty(draws=500)
    table = found.to_dataframe().set_index(["by", "id"])
    assert table.loc[("total", ""), "lower"] == found.total.lower
    assert table.loc[("zone", "102"), "upper"] == found.by_zone["102"].upper
    plt = pytest.importorskip("matplotlib.pyplot")
    for kind in ("drivers", "draws"):
        axes = found.plot(kind)
        assert "CNY" in axes.get_xlabel()
        plt.close(axes.figure)
    with pytest.raises(UsageError, match="draws"):
        found.plot("drawss")


def test_a_study_computes_again_what_its_sums_do_not_tell():
    found = clipped().uncertainty(draws=200, runs=10)
    assert found.recomputed == ("runoff_coefficient[grassland]",)


def test_a_value_at_an_end_of_its_range_is_named():
    """c = 0.15 of 0.05 to 0.15: the value is that of the driest draw, below all of them."""
    found = water(runoff={**RUNOFF, "value": 0.15}).uncertainty(draws=500)
    assert found.at_ends == ("runoff_coefficient[grassland]",)
    assert found.total.value < found.total.lower
    assert water().uncertainty(draws=500).at_ends == ()


def test_what_has_no_range_is_unknown_and_never_certain():
    found = water(runoff={"value": 0.1, "unit": "1"}).uncertainty()
    assert ends(found.total) == ends(found.by_zone["101"]) == (None, None)
    assert (found.share_unknown, found.share_without, found.drivers) == (1.0, 1.0, ())
    names = {one.name: (one.reason, one.share) for one in found.unknown}
    lacking = ("runoff_coefficient[grassland]", "reservoir_cost", "layers.precipitation", "layers.land_cover")
    assert {names[name] for name in lacking} == {("no_range", 1.0)}


def test_a_range_of_no_width_is_none():
    found = water(runoff={**RUNOFF, "low": 0.1, "high": 0.1}).uncertainty()
    assert found.total.lower is None


def test_shares_of_a_product_are_those_of_the_formula():
    """V = Q p with Q = (1.2 (1 - c) - 0.7) A: two independent factors, shares as in the vector i.sobol_product."""
    found = water(
        runoff={**RUNOFF, "low": 0.0, "high": 0.2}, cost={**COST, "low": 5.0, "high": 15.0, "spread": "uniform"}
    ).uncertainty()
    variations = (RAIN * 0.2 / math.sqrt(12) / (RAIN * 0.9 - 0.7), 10 / math.sqrt(12) / PRICE)
    shares = shares_of_product(variations)
    by_name = {driver.name: driver for driver in found.drivers}
    for n, name in enumerate(("runoff_coefficient[grassland]", "reservoir_cost")):
        assert by_name[name].first == pytest.approx(shares.first[n], abs=0.02)
        assert by_name[name].total == pytest.approx(shares.total[n], abs=0.02)
    assert not found.is_sum
    mean, whole = (RAIN * 0.9 - 0.7) * 6 * AREA * PRICE, np.prod(1 + np.square(variations)) - 1
    assert found.samples["total", ""].var() == pytest.approx(mean**2 * whole, rel=0.02)


@pytest.mark.parametrize(
    ("spread", "quantiles"),
    [
        ("uniform", (0.0525, 0.1475)),
        # by sqrt(0.025 * 0.1 * 0.05) from each end
        ("triangular", (0.05 + math.sqrt(0.025 * 0.005), 0.15 - math.sqrt(0.025 * 0.005))),
        ("normal", (0.05, 0.15)),
    ],
)
def test_distributions(spread, quantiles):
    found = water(runoff={**RUNOFF, "spread": spread}).uncertainty(draws=4000)
    expected = [6 * AREA * PRICE * (RAIN * (1 - c) - 0.7) for c in reversed(quantiles)]
    assert ends(found.total) == pytest.approx(expected, rel=2e-3)


def test_an_error_of_a_layer_is_one_for_all_cells(steppe):
    """5 % of the rain: 1.96 * 0.05 * 1.2 m * 0.9 on either side, with c as it was."""
    found = water(runoff={"value": 0.1, "unit": "1"}).uncertainty(layers={"precipitation": {"relative_error": 0.05}})
    half = 1.959964 * 0.05 * RAIN * 0.9 * 6 * AREA * PRICE
    assert ends(found.total) == pytest.approx((found.total.value - half, found.total.value + half), rel=1e-3)
    shifted = steppe.uncertainty(layers={"evapotranspiration": {"standard_error": 20.0}})
    assert {driver.name for driver in shifted.drivers} == {
        "layers.evapotranspiration",
        "runoff_coefficient[grassland]",
    }


def test_a_cap_holds_on_every_draw(tmp_path):
    """Five square kilometres of needleleaf forest take up 20 t of SO2 each or so, in a county that emits 40 t: the cap
    holds wherever in its range the uptake lies, and what the emission is wrong by, the value is wrong by.
    """
    cover = row_of(*["evergreen_needleleaf"] * 5)
    study = partial(
        make_forest,
        cover,
        everywhere(cover),
        zones(block(0, 0, 5, 1)),
        of=["air_purification"],
        tables={"t": emissions(so2={"101": 40.0})},
    )
    uptake = {"value": 20.0, "unit": "t*SO2/(km^2*year)", "low": 15.0, "high": 30.0}
    price = {"value": 1000.0, "unit": "CNY/(t*SO2)", "price_year": 2019}
    account = study(coefficients={"so2_uptake": {"forest": uptake}, "so2_cost": price}).run()
    assert one(account, component="so2_cap").value == pytest.approx(-60_000)
    found = account.uncertainty()
    assert ends(found.by_service["air_purification"]) == pytest.approx((40_000, 40_000))
    found = account.uncertainty(tables={"so2_emission": {"relative_error": 0.1}})
    half = 1.959964 * 4_000
    assert ends(found.total) == pytest.approx((40_000 - half, 40_000 + half), rel=2e-3)
    rows = account.with_intervals(account.uncertainty(figures=True)).rows()
    assert {row["lower"] for row in rows} == {None}, "what is left of a figure is no row of its own"


def test_what_is_common_to_two_years_cancels(steppe):
    """60 mm more rain: the change is 0.06 (1 - c) m, whose width is that of 0.06 c; each level has that of 1.2 c."""
    found = uncertainty_of_change(steppe, water(rain=1260.0))
    change = 0.06 * 0.9 * 6 * AREA * PRICE
    half = 0.06 * 0.0475 * 6 * AREA * PRICE
    assert ends(found.change) == pytest.approx((change - half, change + half), rel=1e-3)
    assert found.is_significant
    wide = found.if_independent.upper - found.if_independent.lower
    assert wide > 10 * (found.change.upper - found.change.lower)
    assert found.common == ("runoff_coefficient[grassland]",)


def test_the_same_seed_gives_the_same_bytes(steppe, tmp_path):
    first, again, other = (steppe.uncertainty(seed=seed) for seed in (7, 7, 8))
    assert first.document() == again.document() != other.document()
    for name, found in (("a", first), ("b", again)):
        write_uncertainty(found, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_text(encoding="utf-8").splitlines()[0] == (
        "by,id,value,lower,upper,interval_level,unit"
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"draws": 3}, "100 or more"),
        ({"level": 95}, "between 0 and 1"),
        ({"layers": {"precipitation": {"relative_error": -0.1}}}, "above 0"),
        ({"tables": {"so2_emission": {}}}, "relative_error"),
    ],
)
def test_what_cannot_be_drawn(steppe, options, words):
    with pytest.raises(UsageError, match=words):
        steppe.uncertainty(**options)


def test_every_figure_of_the_sample_city_follows_from_its_ledger(sample_account):
    """All services, by cells, units and tables: each part gives again what the run has, and the parts are the total."""
    model = Model(sample_account)
    assert not [part.service for part in model.parts if isinstance(part, Kept)]
    total = math.fsum(figure.value for _, figure in model.figures())
    assert total == pytest.approx(sample_account.total(), rel=1e-12)


def test_what_the_sums_do_not_tell_is_said(sample_account):
    """A cover factor goes by bands of the cover: no mean of the cover tells how it moves."""
    found = sample_account.uncertainty(draws=200, layers={"vegetation_cover": {"relative_error": 0.05}})
    (lost,) = [one for one in found.unknown if one.name == "layers.vegetation_cover"]
    assert (lost.reason, "soil_retention" in lost.services) == ("not_proved", True)


def clipped(runoff=RUNOFF):
    """One cell with 700 mm of evapotranspiration, one with 1100: there 0.1 - 1.2 c m, which count where c < 1/12."""
    layers = {**water_layers((1, 2)), "evapotranspiration": raster(np.array([[700.0, 1100.0]]), "mm/year")}
    return make_study(
        np.full((1, 2), STEPPE),
        layers,
        zones(block(0, 0, 2, 1)),
        of=["water_retention"],
        coefficients={"runoff_coefficient": {"grassland": runoff}, "reservoir_cost": COST},
        methods={"water_retention": {"negative": "clip_cell"}},
    )


def test_cells_are_computed_again_where_their_sums_do_not_tell():
    """The least of 95 % of c is 0.0525, the greatest 0.1475: 0.437 + 0.037 m and 0.323 + 0 m. The sums alone do not
    know of the second cell, which is at zero in the run.
    """
    study = clipped()
    account = study.run()
    alone = account.uncertainty(draws=1000)
    assert alone.total.lower is None
    assert ("runoff_coefficient[grassland]", "not_proved") in {(one.name, one.reason) for one in alone.unknown}
    found = account.uncertainty(draws=1000, engine=engine_of(account, lambda: study), runs=40)
    assert ends(found.total) == pytest.approx((0.323 * AREA * PRICE, 0.474 * AREA * PRICE), rel=0.02)
    assert (found.recomputed, found.runs) == (("runoff_coefficient[grassland]",), 40)
    assert [driver.name for driver in found.drivers] == ["runoff_coefficient[grassland]"]
    assert "runoff_coefficient[grassland]" not in {one.name for one in found.unknown}
    # of c uniform over 0.05 to 0.15: mean of 0.5 - 1.2 c is 0.38, of max(0, 0.1 - 1.2 c) 0.04^2 / (2 * 1.2 * 0.1)
    assert found.mean == pytest.approx((0.38 + 0.04**2 / 0.24) * AREA * PRICE, rel=1e-3)


def test_inputs_that_are_not_at_hand_leave_it_unknown():
    account = clipped().run()
    found = account.uncertainty(draws=1000, engine=engine_of(account, lambda: None))
    assert found.recomputed == ()
    assert "not_proved" in {one.reason for one in found.unknown}
    other = clipped({**RUNOFF, "value": 0.12})
    assert account.uncertainty(draws=1000, engine=engine_of(account, lambda: other)).recomputed == ()


OTHER = {
    "runoff_coefficient[forest/mixed]": ("runoff_coefficient", "forest/mixed", 2.5),
    "transpiration_heat[grassland]": ("transpiration_heat", "grassland", 1200.0),
    "nox_uptake[forest]": ("nox_uptake", "forest", 4.0),
    "cod_removal[wetland/lake]": ("cod_removal", "wetland/lake", 30.0),
    "reservoir_cost": ("reservoir_cost", "", 9.0),
    "efficiency_ratio": ("efficiency_ratio", "", 3.5),
    "flood_share": ("flood_share", "", 0.3),
    "sedimentation_fraction": ("sedimentation_fraction", "", 0.3),
    "carbon_price": ("carbon_price", "", 70.0),
    "electricity_price": ("electricity_price", "", 0.6),
}


def test_what_the_ledger_gives_is_what_a_run_gives(sample_study, sample_account):
    """Ten numbers changed at once, of cells, caps, units and prices: the sums of the run give for every service what
    the engine gives that sees every cell again.
    """
    ledger = copy.deepcopy(sample_account.ledger)
    for name, (_, _, value) in OTHER.items():
        row = ledger["coefficients"][name]
        row["low"], row["high"] = sorted((row["value"], value))
    model = Model(sample_account.replace(make_ledger=lambda: ledger))
    assert not {name for part in model.parts for name in part.held}
    drawn = {name: np.array([ledger["coefficients"][name]["value"], of[2]]) for name, of in OTHER.items()}
    drawn |= {name: np.full(2, of.value) for name, of in model.variables.items() if name not in drawn}
    found = model.on(drawn, ("service",))
    given: dict = {}
    for name, (coefficient, where, value) in OTHER.items():
        row = ledger["coefficients"][name]
        cells = {key: row[key] for key in ("unit", "price_year") if key in row} | {"value": value}
        if where:
            given.setdefault(coefficient, {})[where] = cells
        else:
            given[coefficient] = cells
    account = sample_study.with_coefficients(given).run(record=False)
    for service, value in account.totals("service").items():
        assert found["service", service][1] == pytest.approx(value, rel=1e-9), service
    assert found["total", ""][1] == pytest.approx(account.total(), rel=1e-9)
