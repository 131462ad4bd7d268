"""Equations of carbon credits, prices, issuance, cost and claims: the vectors of the reference under their ids."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors

from gep.assets.credits.claims import CLAIMS, SINKS, claims_of
from gep.assets.credits.holdings import costs, roll_forward
from gep.assets.credits.issuance import MONITORED, issues, natural_risk
from gep.assets.credits.prices import CONTRACTS, PRICES, contracts, price_book
from gep.assets.credits.tables import Entry, Lot
from gep.assets.figures import given, made, whole_down
from gep.assets.parameters import Parameters
from gep.assets.tables import read_table
from gep.core.messages import Text
from gep.stocks import credits

NAMES = {"b": "credits", "d": "ledger"}
FILES = {letter: Path(__file__).with_name(f"{name}_vectors.json") for letter, name in NAMES.items()}
VECTORS = {name: vector for path in FILES.values() for name, vector in vectors(path).items()}
CHECKS, of_vector = checks()
PLACE = Text("here", "此处")
PARAMETERS = Parameters()


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
@pytest.mark.parametrize("letter", FILES)
def test_the_vectors_are_those_of_the_reference(letter: str):
    are_of_the_reference(FILES[letter], letter)


def read(columns, **cells):
    found = read_table(pd.DataFrame([cells]), columns)
    assert found.problems == ()
    return found.rows


@of_vector("b.tool14_discount")
def _(i):
    mean, width = given(i["mean"], "t*CO2", PLACE), given(i["half_width"], "t*CO2", PLACE)
    relative = made(credits.relative_half_width, half_width=width, estimate=mean)
    discount = PARAMETERS.find("uncertainty_discount", at=relative)
    both = {"estimate": mean, "half_width": width, "uncertainty_discount": discount}
    return {
        "U_pct": relative.to("percent"),
        "project": made(credits.conservative_removal, **both).value,
        "baseline": made(credits.conservative_baseline, **both).value,
    }


@of_vector("b.gs403_precision")
def _(i):
    limit = PARAMETERS.find("precision_limit", ecosystem="forest", of="gold_standard_403")
    relative = given(i["U_pct"], "percent", PLACE)
    mean = given(i["mean"], "t*CO2", PLACE)
    return {
        "used": made(credits.precise_removal, estimate=mean, relative_half_width=relative, precision_limit=limit).value
    }


@of_vector("b.offset_limit")
def _(i):
    share = PARAMETERS.find("offset_limit", of="national_market", region="china")
    assert share.to("1") == i["share"]
    return {"max_credits_t": credits.most_offsets(i["to_surrender_t"], share.to("1"))}


@of_vector("b.gift_1529")
def _(i):
    return {"V_yuan": credits.credit_value(i["Q_t"], i["p"])}


@of_vector("b.auction_2021")
def _(i):
    start = credits.start_value(i["V_yuan"], i["uplift"])
    return {
        "p": credits.mean_price(i["V_yuan"], i["Q_t"]),
        "start_V": start,
        "start_p": credits.mean_price(start, i["Q_t"]),
    }


@of_vector("b.region_since_2021")
def _(i):
    """The quotient of two lower bounds: the price book refuses it as a price, and has no mean of that year."""
    rows = read(
        PRICES,
        product="all",
        year=2025,
        price_kind="listed",
        bound="at_least",
        source="press",
        **{"credits [t*CO2]": i["Q_t"], "value [CNY]": i["V_yuan"]},
    )
    book, problems = price_book(rows)
    assert problems == []
    assert book.at("all", date(2025, 12, 31)) is None
    assert [(of.mean, of.bound) for of in book.years()] == [(None, "at_least")]
    return {"p": credits.mean_price(i["V_yuan"], i["Q_t"])}


@of_vector("b.contract_without_quantity")
def _(i):
    rows = read(
        CONTRACTS,
        contract="Xingan",
        product="CCER",
        source="press",
        **{"value [CNY]": i["V_yuan"], "price_low [CNY/(t*CO2)]": i["p_low"], "price_high [CNY/(t*CO2)]": i["p_high"]},
    )
    (found,), problems = contracts(rows)
    assert problems == []
    assert found.price is None
    return {"Q_max_t": found.high.value, "Q_min_t": found.low.value}


@of_vector("b.cea_yearly")
def _(i):
    """2021 as the rest of the cumulative total of 2022, 2022 and 2024 as printed, 2023 derived."""
    of_2022 = VECTORS["b.cea_yearly"]["expected"]["2022"]
    first = [i["cum_2022"][0] - of_2022["Q_t"], i["cum_2022"][1] - of_2022["V_yuan"]]
    table = pd.DataFrame(
        [
            ("year", None, 2021, *first),
            ("year", None, 2022, of_2022["Q_t"], of_2022["V_yuan"]),
            ("cumulative", "2022-12-31", None, *i["cum_2022"]),
            ("cumulative", "2024-12-11", None, *i["cum_2024_12_11"]),
            ("year_to_date", "2024-12-11", None, *i["ytd_2024_12_11"]),
            ("year", None, 2024, 1.89e8, 181.14e8),
        ],
        columns=["span", "date", "year", "credits [t*CO2]", "value [CNY]"],
    ).assign(product="CEA", price_kind="listed", source="exchange")
    book, problems = price_book(
        read_table(table.astype({"year": "Int64"}).astype(object).where(table.notna(), None), PRICES).stop_on_errors()
    )
    assert problems == []
    years = book.years("CEA")
    assert [of.is_derived for of in years] == [False, False, True, False]
    return {str(of.year): {"Q_t": of.credits.value, "V_yuan": of.value.value, "mean": of.mean.value} for of in years}


def monitored(standard, removal, baseline=0, leakage=0, **more):
    rows = read(
        MONITORED,
        project="P",
        credit_standard=standard,
        period_begins="2020-01-01",
        period_ends="2024-12-31",
        **{
            "project_removal [t*CO2]": removal,
            "project_emission [t*CO2]": 0,
            "baseline_removal [t*CO2]": baseline,
            "leakage [t*CO2]": leakage,
        },
        **more,
    )
    found, problems = issues(rows, PARAMETERS)
    assert [problem.severity for problem in problems] == ["warning"]
    return found[0]


@of_vector("b.ccer_issuance")
def _(i):
    stock = [i["A_ha"] * density for density in i["stock_tCO2_ha_every_5y"]]
    issued = [
        monitored("ccer", after - before, i["baseline"], i["leakage"]).issued.value for before, after in pairwise(stock)
    ]
    total = sum(issued)
    return {"issued_t": issued, "total_t": total, "mean_t_yr": credits.interpolated_removal(total, 5.0 * len(issued))}


@of_vector("b.vcs_issuance")
def _(i):
    issue = monitored("vcs", i["dC_project"], i["dC_baseline"], i["leakage"], buffer_share=i["buffer"])
    return {"net_before_buffer": issue.net.value, "buffer_t": issue.buffer.value, "VCU_t": issue.issued.value}


@of_vector("b.uncertainty_discount")
def _(i):
    discount = PARAMETERS.find("uncertainty_discount", at=given(i["U_rel"], "1", PLACE))
    assert discount.value == i["discount_rate"]
    return {"mean_used": credits.conservative_removal(i["mean"], i["mean"] * i["U_rel"], discount.value)}


def lot(name, year, quantity, product="VCS"):
    return Lot(name, "P", product, f"{year}-01-01", f"{year}-12-31", f"{year + 1}-06-01", quantity, None, None, None)


def flow(number, kind, name, source, target, quantity, value=None, day="2020-06-01"):
    return Entry(number, day, kind, name, *source, *target, quantity, value)


OUT, MINE = ("", "outside"), ("A", "held")


@of_vector("b.sale_fifo_average")
def _(i):
    lots = {str(year): lot(str(year), year, quantity) for year, quantity, _ in i["lots"]}
    entries = [flow(n, "issue", str(y), OUT, MINE, q, q * p) for n, (y, q, p) in enumerate(i["lots"])]
    (_, first, _), _ = i["lots"]
    rest = i["sale_t"] - first
    entries += [
        flow(8, "sell", "2017", MINE, OUT, first, first * i["price"], "2021-01-01"),
        flow(9, "sell", "2018", MINE, OUT, rest, rest * i["price"], "2021-01-01"),
    ]
    cost = costs(entries, lots, "2021-01-01", "2021-12-31")["A", "VCS"]
    return {
        "fifo_cost": cost.fifo_cost,
        "fifo_margin": cost.proceeds - cost.fifo_cost,
        "fifo_closing_cost": cost.fifo_closing,
        "avg_cost": cost.average_cost / cost.sold,
        "avg_cost_of_sale": cost.average_cost,
        "avg_margin": cost.proceeds - cost.average_cost,
        "avg_closing_cost": cost.average_closing,
    }


@of_vector("b.natural_risk")
def _(i):
    words = {"10-25yr": "10_to_25_years", ">1/10yr": "below_10_years"}
    measures = {0.5: "one_measure", 1.0: "no_measure"}
    items = [(severity, words[often], measures[factor]) for _, severity, often, _, factor in i["items"]]
    found = natural_risk(items, PARAMETERS)
    scores = [part.to("percent") for _, part in found.parts]
    return {"scores": scores, "sum": found.to("percent")}


@of_vector("b.forward_pv")
def _(i):
    return {"PV": float(credits.forward_price(i["price"], i["rate"], float(i["years"]), 1.0))}


@of_vector("d.rollforward")
def _(i):
    """The opening is what was issued the year before; what is sold and cancelled goes out of one lot."""
    lots = {"L": lot("L", 2018, 100_000)}
    moves = [
        ("issue", OUT, MINE, "opening", "2019-12-31"),
        ("issue", OUT, MINE, "issued", "2020-02-01"),
        ("buy", OUT, MINE, "bought", "2020-03-01"),
        ("sell", MINE, OUT, "sold", "2020-04-01"),
        ("retire", MINE, ("A", "retired"), "retired", "2020-04-02"),
        ("cancel", MINE, ("A", "cancelled"), "cancelled", "2020-04-03"),
        ("to_buffer", MINE, ("A", "buffer"), "to_buffer", "2020-04-04"),
        ("freeze", MINE, ("A", "frozen"), "frozen", "2020-04-05"),
    ]
    entries = [flow(n, kind, "L", a, b, i[name], None, day) for n, (kind, a, b, name, day) in enumerate(moves)]
    holding = roll_forward(entries, lots, "2020-01-01", "2020-12-31")["A", "VCS", "2018"]
    assert holding.opening == i["opening"]
    assert {name: holding.lines[name] for name in ("issued", "bought", "sold", "retired", "cancelled")} == {
        name: i[name] for name in ("issued", "bought", "sold", "retired", "cancelled")
    }
    return {"closing": holding.closing, "available": holding.available}


@of_vector("d.value_rollforward")
def _(i):
    opening = credits.credit_value(i["q0"], i["p0"])
    closing = credits.credit_value(i["q0"] + i["q_in"] - i["q_out"], i["p1"])
    return {
        "opening": opening,
        "closing": closing,
        "revaluation": credits.price_effect(opening, closing, i["v_in"], i["v_out_proceeds"]),
    }


@of_vector("d.one_sink_one_claim")
def _(i):
    claims = pd.DataFrame([{"parcel": "1", "year": 2024, "product": p, "credits [t*CO2]": q} for p, q in i["claims"]])
    sinks = pd.DataFrame([{"parcel": "1", "year": 2024, "removal [t*CO2]": i["sink_tCO2"], "source": "plots"}])
    (found,), problems = claims_of(read_table(claims, CLAIMS).rows, read_table(sinks, SINKS).rows)
    assert [problem.code for problem in problems] == ["K26"]
    return {"sum": found.claimed.value, "excess": -found.left.value, "ok": found.left.value >= 0}


@of_vector("d.tag_fx")
def _(i):
    price = credits.converted_price(i["p_USD"], i["fx"])
    return {"V_yuan": credits.credit_value(i["Q_t"], price)}


# what holds of any numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tonnes", "whole"), [(40499.99999999999, 40500), (40499.9, 40499), (0.9999, 0), (3, 3)])
def test_tonnes_are_rounded_down_but_for_the_last_digit_of_the_machine(tonnes: float, whole: int):
    assert whole_down(tonnes) == whole


def test_gold_standard_sends_a_fifth_to_the_buffer():
    """1000 t net, 20 % of units to the buffer (product requirements 11.1.1)."""
    issue = monitored("gold_standard", 1200, 150, 50)
    assert (issue.net.value, issue.buffer.value, issue.issued.value) == (1000, 200, 800)
    assert issue.yearly.value == pytest.approx(200)  # five years to the day


def test_a_rating_below_the_minimum_is_the_minimum():
    """12 % at least (NPRT 2.5.2): of 16000 t 1920, where 10 % would be 1600."""
    assert monitored("vcs", 20000, 4000, buffer_share=0.1).buffer.value == pytest.approx(1920)


def test_an_uncertain_removal_is_cut_and_its_baseline_raised():
    """15 % of 60: 0.25 of 9 off the project; 4 of 20 is 20 %: 0.5 of 4 onto the baseline."""
    rows = read(
        MONITORED,
        project="P",
        credit_standard="cdm",
        period_begins="2020-01-01",
        period_ends="2020-12-31",
        **{
            "project_removal [t*CO2]": 60,
            "project_half_width [t*CO2]": 9,
            "project_emission [t*CO2]": 1,
            "baseline_removal [t*CO2]": 20,
            "baseline_half_width [t*CO2]": 4,
            "leakage [t*CO2]": 2,
        },
    )
    (issue,), problems = issues(rows, PARAMETERS)
    assert problems == []
    assert issue.credits.value == pytest.approx(57.75 - 1 - 22 - 2)
    assert issue.issued.value == 32
    assert [row.row.name for row in issue.credits.parameters()] == ["uncertainty_discount"] * 2


def test_the_derived_year_closes_the_totals_of_the_ministry():
    """6.3e8 t and 430.33e8 CNY by the end of 2024 (ministry, January 2025), each within half of its last digit."""
    years = VECTORS["b.cea_yearly"]["expected"].values()
    assert sum(of["Q_t"] for of in years) == pytest.approx(6.3e8, abs=0.05e8 + 0.005e8)
    assert sum(of["V_yuan"] for of in years) == pytest.approx(430.33e8, abs=0.01e8)
