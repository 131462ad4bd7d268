"""Accounts of several years beside each other, worked by hand; and what holds of any of them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gep
from gep.account.accounts import Accounts
from gep.account.changes import Comparison, compare_years
from gep.account.entries import About, Entry, Missing
from gep.core.errors import UsageError
from gep.standards.prices import price_index
from gep.standards.profile import load_profile

VECTORS = json.loads(Path(__file__).with_name("growth_vectors.json").read_text(encoding="utf-8"))
PROFILE = "ndrc-2022"
UNITS = {"water_retention": "m3", "carbon_sequestration": "t{CO2}", "tourism": "visit"}
CPI = price_index(load_profile(PROFILE).price_index)


def land(zone: str, ecosystem: str, area: float) -> Entry:
    return Entry(zone, zone, ecosystem, "mixed", quantity=area, unit="m^2")


def flow(
    zone: str,
    ecosystem: str,
    service: str,
    quantity: float | None,
    price: float | None = None,
    value: float | None = None,
) -> Entry:
    """A flow of a class; without a quantity a value alone."""
    unit = UNITS.get(service, "t")
    about: dict[str, Any] = {"price_basis": "current", "value": quantity * price if value is None else value}
    if quantity is not None:
        about |= {"quantity": quantity, "unit": unit, "price": price, "price_unit": f"CNY/{unit}"}
    return Entry(zone, zone, ecosystem, "mixed", "regulating", service, "amount", **about)


def account(year: int, *entries: Entry, **about: Any) -> gep.Account:
    return gep.Account(entries, About("City", year, **{"profile": PROFILE, "price_year": year, **about}))


def simple(year: int, area: float, per_area: float, price: float, **about: Any) -> gep.Account:
    """Water of one forest, in a wide county."""
    water = flow("A", "forest", "water_retention", area * per_area, price)
    return account(year, land("A", "forest", area), land("A", "desert", 1000 - area), water, **about)


def effects(comparison: Comparison) -> list[float | None]:
    found = comparison.total.effects
    return [found.area, found.intensity, found.price, found.method]


# worked by hand -------------------------------------------------------------------------------------------------------


def test_one_thing_changes_at_a_time():
    before = simple(2020, 2, 3, 5)
    assert effects(compare_years([before, simple(2021, 4, 3, 5)])) == [30, 0, 0, 0]
    assert effects(compare_years([before, simple(2021, 2, 4, 5)])) == [0, 10, 0, 0]
    assert effects(compare_years([before, simple(2021, 2, 3, 6)])) == [0, 0, 6, 0]


def test_all_three_change():
    """From 2 x 3 x 5 = 30 to 4 x 4 x 6 = 96. Land: 2 x ((15 + 24) / 3 + (18 + 20) / 6) = 38.67, and so on."""
    found = compare_years([simple(2020, 2, 3, 5), simple(2021, 4, 4, 6)]).total
    assert found.effects.area == pytest.approx(2 * (39 / 3 + 38 / 6))
    assert found.effects.intensity == pytest.approx(1 * ((10 + 24) / 3 + (12 + 20) / 6))
    assert found.effects.price == pytest.approx(1 * ((6 + 16) / 3 + (8 + 12) / 6))
    assert math.fsum(found.effects.known) == 66
    assert (found.base_value, found.value, found.value_at_base_prices) == (30, 96, 80)
    assert (found.growth_current, found.growth_constant) == pytest.approx((2.2, 5 / 3))
    assert (found.share, found.points) == pytest.approx((1, 5 / 3))


def test_the_vector_of_two_years_as_services():
    vector = next(vector for vector in VECTORS if vector["id"] == "h.two_year")
    names = dict(zip("wct", UNITS, strict=True))
    years = [
        account(2020 + n, *(flow("A", "forest", names[k], i[f"q{n}"][k], i[f"p{n}"][k]) for k in "wct"))
        for n, i in enumerate([vector["inputs"]] * 2)
    ]
    found, expected = compare_years(years), vector["expected"]
    assert 100 * found.total.growth_current == pytest.approx(expected["growth_current_pct"])
    assert 100 * found.total.growth_constant == pytest.approx(expected["growth_constant_pct"])
    for letter, service in names.items():
        (row,) = [row for row in found.by("service") if row.key == (service,)]
        assert 100 * row.points == pytest.approx(expected["points"][letter])
        assert 100 * row.share == pytest.approx(expected["share_pct"][letter])
        assert row.effects.price == pytest.approx(expected["Bennet_p"][letter])
        assert row.effects.intensity == pytest.approx(expected["Bennet_q"][letter])
    current = compare_years(years, prices="current")
    assert sum(row.share for row in current.by("service")) == pytest.approx(1)
    assert current.total.points == pytest.approx(815 / 2600)


def test_the_vector_of_a_chain_as_three_accounts():
    vector = next(vector for vector in VECTORS if vector["id"] == "h.chain_fixed")
    services, expected = list(UNITS)[:2], vector["expected"]
    years = [
        account(2020 + n, *(flow("A", "forest", s, q, p) for s, q, p in zip(services, qs, ps, strict=True)))
        for n, (qs, ps) in enumerate(zip(vector["inputs"]["Q"], vector["inputs"]["P"], strict=True))
    ]
    chain = Accounts({"year": [2020, 2021, 2022]}, {(a.about.year,): a for a in years}).compare(2020, "chain")
    assert [row.constant for row in chain.series] == pytest.approx(expected["chain"])
    assert chain.total.value_at_base_prices == pytest.approx(expected["chain"][2])
    assert chain.total.growth_constant == pytest.approx(expected["chain"][2] / 1600 - 1)
    assert math.fsum(row.points for row in chain.by("service")) == pytest.approx(chain.total.growth_constant)
    # water is chained to 600 x 1.08 x 115/108, carbon to 1000 x 0.98 x 53/49, as at fixed prices of one item
    assert chain.gap == pytest.approx(expected["chain_gap"])
    fixed = compare_years(years, 2020, "constant")
    assert fixed.total.value_at_base_prices == pytest.approx(expected["fixed_base"][2])
    assert fixed.gap is None
    second = compare_years(years[1:])
    assert 100 * second.total.growth_constant == pytest.approx(expected["growth_y2_chain_pct"])
    for found in (chain, fixed):
        assert math.fsum(found.total.effects.known) == found.total.value - found.total.base_value


def test_a_value_without_a_quantity_is_deflated():
    years = [
        account(year, flow("A", "_none", "tourism", None, value=value)) for year, value in ((2019, 100), (2021, 120))
    ]
    found, index = compare_years(years).total, CPI.factor(2019, 2021)
    assert index > 1
    assert found.value_at_base_prices == pytest.approx(120 / index)
    assert found.effects.price == pytest.approx((index - 1) * (100 + 120 / index) / 2)
    assert found.effects.area == 0
    unknown = [replace(a.about, profile="somebody's own") for a in years]
    found = compare_years([gep.Account(a.entries, about) for a, about in zip(years, unknown, strict=True)])
    assert found.total.value_at_base_prices is None
    assert found.total.growth_constant is None
    assert effects(found) == [None] * 4
    assert "旅游" in found.notes[0].zh


def with_own_index(account: gep.Account, levels: dict[int, float]) -> gep.Account:
    """An account with an index of its own, as its ledger shows it."""
    record: Any = {**account.record, "price_index": {"file": "own.csv"}}
    of_years = {str(year): level for year, level in levels.items()}
    ledger: Any = {"price_index": "own.csv", "price_levels": {"own.csv": of_years}, "coefficients": {}, "services": {}}
    about = replace(account.about, record=record, make_ledger=lambda: ledger)
    return gep.Account(account.entries, about)


def test_an_own_index_is_read_from_the_ledgers():
    """At 2015 levels of 1.2 in 2019 and 1.5 in 2021: from 2019 to 2021 by 1.25."""
    years = [
        account(year, flow("A", "_none", "tourism", None, value=value)) for year, value in ((2019, 100), (2021, 150))
    ]
    first, second = with_own_index(years[0], {2015: 1.0, 2019: 1.2}), with_own_index(years[1], {2019: 1.2, 2021: 1.5})
    assert compare_years([first, second]).total.value_at_base_prices == pytest.approx(120)
    unknown = with_own_index(years[1], {2016: 1.0, 2021: 1.5})
    assert compare_years([first, unknown]).total.value_at_base_prices is None
    other = with_own_index(years[0], {2019: 1.0, 2021: 1.3})
    assert compare_years([other, second]).total.value_at_base_prices is None


def test_land_that_came_has_its_own_intensity_and_the_price_of_the_base_year():
    rest = land("A", "desert", 1000)
    before = account(2020, rest, land("A", "forest", 10), flow("A", "forest", "water_retention", 40, 2))
    after = account(
        2021,
        rest,
        *(land("A", "forest", 10), flow("A", "forest", "water_retention", 40, 3)),
        *(land("A", "shrub", 5), flow("A", "shrub", "water_retention", 10, 3)),
    )
    found = compare_years([before, after])
    (row,) = [row for row in found.by("ecosystem") if row.key == ("shrub",)]
    assert (row.base_value, row.value, row.value_at_base_prices) == (0, 30, 20)
    assert [row.effects.area, row.effects.intensity, row.effects.price] == [25, 0, 5]
    assert row.growth_current is None
    assert row.points == 20 / 80
    assert [e and -e for e in effects(found)] == pytest.approx(effects(compare_years([before, after], 2021)))


def test_a_price_that_the_base_year_has_not_is_moved_by_the_index():
    years = [account(2019, flow("A", "forest", "water_retention", 40, 2))]
    years += [account(2021, flow("A", "forest", "water_retention", 40, 2), flow("A", "forest", "tourism", 10, 3))]
    (row,) = [row for row in compare_years(years).by("service") if row.key == ("tourism",)]
    assert row.value_at_base_prices == pytest.approx(30 / CPI.factor(2019, 2021))


def test_equal_prices_leave_no_noise():
    years = [simple(2020, 3.1, 0.7, 9.044525569707629), simple(2021, 2.9, 0.9, 9.044525569707629)]
    found = compare_years(years).total
    assert found.effects.price == 0
    assert found.value_at_base_prices == found.value
    same = compare_years([years[0], replace_year(years[0], 2021)])
    assert effects(same) == [0, 0, 0, 0]
    assert (same.total.growth_current, same.total.share, same.total.points) == (0, None, 0)


def replace_year(account: gep.Account, year: int) -> gep.Account:
    return gep.Account(account.entries, replace(account.about, year=year, price_year=year))


# what was computed in another way -------------------------------------------------------------------------------------


def test_another_profile_is_no_growth():
    """Water: 2 x 3 x 5 = 30 to 4 x 4 x 6 = 96 under another profile. Land and price stay what they are."""
    found = compare_years([simple(2020, 2, 3, 5), simple(2021, 4, 4, 6, profile="cas-2010")])
    assert found.total.effects.intensity is None
    assert found.total.effects.method == pytest.approx(1 * ((10 + 24) / 3 + (12 + 20) / 6))
    assert math.fsum(found.total.effects.known) == 66
    assert found.total.growth_current is found.total.growth_constant is found.total.points is None
    assert list(found.other) == ["water_retention"]
    assert "cas-2010" in found.other["water_retention"][0]


def with_switches(account: gep.Account, **switches: dict[str, str]) -> gep.Account:
    record: Any = {**account.record, "switches": switches}
    return gep.Account(account.entries, replace(account.about, record=record))


def test_another_switch_leaves_the_growth_of_the_other_services():
    first, second = (
        account(year, flow("A", "forest", "water_retention", q, 1), flow("A", "forest", "tourism", v, 10))
        for year, q, v in ((2020, 100, 5), (2021, 300, 6))
    )
    found = compare_years(
        [
            with_switches(first, water_retention={"negative": "keep"}),
            with_switches(second, water_retention={"negative": "clip_cell"}),
        ]
    )
    assert effects(found) == [0, 10, 0, 200]
    assert found.total.base_value == 150
    assert found.total.growth_current == found.total.growth_constant == pytest.approx(0.2)
    by_service = {row.key[0]: row for row in found.by("service")}
    assert by_service["water_retention"].growth_constant is None
    assert by_service["tourism"].share == 1


def test_quantities_of_another_kind_are_no_growth():
    first, second = simple(2020, 2, 3, 5), simple(2021, 4, 4, 6)
    entries = [e if e.is_area else replace(e, unit="t", price_unit="CNY/t") for e in second.entries]
    found = compare_years([first, gep.Account(entries, second.about)])
    assert effects(found) == [None, None, None, 66]
    assert "m3" in found.other["water_retention"][0]
    assert found.total.growth_constant is None


def test_a_service_that_one_year_lacks_is_no_growth():
    first = account(2020, flow("A", "forest", "tourism", 5, 10), missing=(Missing("water_retention", "no_input"),))
    second = account(2021, flow("A", "forest", "water_retention", 100, 1), flow("A", "forest", "tourism", 5, 10))
    found = compare_years([first, second])
    (row,) = [row for row in found.by("service") if row.key == ("water_retention",)]
    assert (row.base_value, row.value, row.value_at_base_prices) == (None, 100, None)
    assert row.effects.method == 100
    assert row.effects.area is row.effects.intensity is row.effects.price is None
    assert found.total.growth_constant == 0
    assert effects(found) == [0, 0, 0, 100]


# places ---------------------------------------------------------------------------------------------------------------


def of_zones(year: int, **areas: float) -> gep.Account:
    entries = [e for z, a in areas.items() for e in (land(z, "forest", a), flow(z, "forest", "water_retention", a, 2))]
    return account(year, *entries)


def test_zones_that_are_not_the_same_are_left_out_with_the_reason():
    found = compare_years([of_zones(2020, A=10, B=10, C=5), of_zones(2021, A=10.2, B=12, D=5)])
    assert [row.key for row in found.by("zone")] == [("A",)]
    assert found.total.value == pytest.approx(20.4)
    assert found.notes[0].endswith("B, C, D. All sums are of the other zones.")
    with pytest.raises(UsageError, match="no zone in common"):
        _ = compare_years([of_zones(2020, A=10), of_zones(2021, B=10)]).total


# calls that cannot be answered ----------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_said_at_once():
    one, physical = simple(2020, 1, 1, 1), account(2021, kind="physical")
    with pytest.raises(UsageError) as raised:
        compare_years([one, one, physical], 2019)
    lines = raised.value.message.split("\n")
    assert [line.split()[0] for line in lines] == ["City", "City", "The"]
    assert "same run" in lines[0]
    assert "no prices" in lines[1]
    assert "2019" in lines[2]
    assert "2020、2021" in raised.value.message.zh


@pytest.mark.parametrize(
    ("years", "options", "said"),
    [
        ([2020], {}, "Found 1 run; a comparison needs two or more"),
        ([2020, 2020], {}, "both of 2020"),
        ([2020, 2021], {"prices": "constnat"}, "`constant`"),
        ([2020, 2021], {"base": 1990}, "2020, 2021"),
    ],
)
def test_a_wrong_call_is_told(years: list[int], options: dict[str, Any], said: str):
    with pytest.raises(UsageError, match=said):
        compare_years([simple(year, 1, 1, n + 1) for n, year in enumerate(years)], **options)


def test_price_bases_are_not_mixed():
    first, second = simple(2020, 1, 1, 1), simple(2021, 1, 1, 1)
    other = gep.Account([replace(e, price_basis="constant" if e.value else "") for e in second.entries], second.about)
    with pytest.raises(UsageError, match="price bases"):
        compare_years([first, other])


def test_current_prices_of_the_price_year_of_all_are_of_one_base():
    """A series at prices of 2020: its first year is at current prices, which are those."""
    first, second = simple(2020, 2, 3, 5), simple(2021, 4, 3, 5, price_year=2020)
    fixed = gep.Account(
        [replace(e, price_basis="constant:2020" if e.value else "") for e in second.entries], second.about
    )
    found = compare_years([first, fixed])
    assert effects(found) == [30, 0, 0, 0]
    assert "2020" in found.notes[0]


def test_a_frame_and_a_document_say_the_same():
    found = compare_years([simple(2020, 2, 3, 5), simple(2021, 4, 4, 6)])
    (row,) = found.to_frame().to_dict("records")
    document = found.document()
    assert set(document) == {"schema", "base_year", "prices", "price_year", "links", "other", "notes", "total", "rows"}
    (told,) = document["rows"]
    assert {**told, **told["effects"]} == {**row, "effects": told["effects"]}
    with pytest.raises(UsageError, match="Did you mean"):
        found.by("zones")


# any accounts ---------------------------------------------------------------------------------------------------------

AMOUNT = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3))
SIZE = st.floats(0, 1e6).map(lambda x: round(x, 3))
PRICE = st.floats(0.01, 1e4).map(lambda x: round(x, 3))
CELLS = [(zone, e, s) for zone in "AB" for e in ("forest", "shrub") for s in ("water_retention", "tourism")]
YEAR = st.lists(st.tuples(SIZE, AMOUNT, PRICE), min_size=len(CELLS), max_size=len(CELLS))


def of_numbers(year: int, numbers: list[tuple[float, float, float]], times: float = 1.0, parts: int = 1) -> gep.Account:
    """An account of any numbers: areas, quantities, prices; A in some parts of the same kind."""
    entries = []
    for (zone, ecosystem, service), (area, quantity, price) in zip(CELLS, numbers, strict=True):
        for n in range(parts if zone == "A" else 1):
            name, share = (f"A{n}", parts) if zone == "A" and parts > 1 else (zone, 1)
            entries += [land(name, ecosystem, area / share)] if service == "tourism" else []
            entries += [flow(name, ecosystem, service, quantity / share, price * times)] if quantity else []
    entries.append(flow("B", "forest", "carbon_sequestration", 1.0, 1.0))
    return account(year, *entries, *(land(f"{z}", "urban", 1e9) for z in ("A", "B", "A0", "A1")))


@settings(max_examples=25)
@given(YEAR, YEAR)
def test_effects_are_the_change_of_any_accounts(first: Any, second: Any):
    years = of_numbers(2020, first), of_numbers(2021, second)
    found, back = compare_years(years), compare_years(years, base=2021)
    for keys in ((), ("service",), ("ecosystem",), ("zone",), ("zone", "ecosystem", "service")):
        rows, others = found.by(*keys), {row.key: row for row in back.by(*keys)}
        for row in rows:
            change, told = (row.value or 0) - (row.base_value or 0), row.effects.known
            assert abs(math.fsum([*told, -change])) <= math.ulp(max(map(abs, [*told, change])))
            # the years the other way round: the other signs
            size = max(map(abs, [row.base_value or 0, row.value or 0, *told]))
            back_told = [-part for part in others[row.key].effects.known]
            assert back_told == pytest.approx(told, rel=1e-12, abs=1e-12 * size)


@settings(max_examples=25)
@given(YEAR, YEAR)
def test_doubled_prices_leave_growth_at_constant_prices(first: Any, second: Any):
    before, after = of_numbers(2020, first), of_numbers(2021, second)
    found = compare_years([before, after])
    doubled = compare_years([before, of_numbers(2021, second, times=2.0)])
    for row, other in zip(found.rows, doubled.rows, strict=True):
        assert row.key == other.key
        if (
            row.growth_constant is not None
        ):  # the price of what was not there is that of the later year, moved by the index
            assert other.growth_constant == pytest.approx(row.growth_constant, rel=1e-9, abs=1e-12)


@settings(max_examples=25)
@given(YEAR, YEAR)
def test_a_county_in_two_has_the_effects_of_the_whole(first: Any, second: Any):
    whole = compare_years([of_numbers(2020, first), of_numbers(2021, second)])
    parted = compare_years([of_numbers(2020, first, parts=2), of_numbers(2021, second, parts=2)])
    size = max(abs(x or 0.0) for row in whole.rows for x in (row.base_value, row.value, *row.effects.known))
    told = parted.total.effects.known
    assert told == pytest.approx(whole.total.effects.known, abs=1e-9 * size + 1e-6)
