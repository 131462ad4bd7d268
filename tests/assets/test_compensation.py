"""Compensation by sink: the vectors of the reference under their ids, what is refused, and that nothing that is bought
is valued too.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors
from projects import caller

from gep.assets.compensation.account import DECISIONS, decision_table
from gep.assets.compensation.damage import DAMAGES, damages
from gep.assets.compensation.remedies import remedies
from gep.assets.compensation.sample import sample
from gep.assets.compensation.statement import statement_of
from gep.assets.parameters import Parameters
from gep.assets.project import accounts_of
from gep.assets.tables import read_table
from gep.core.errors import InputError
from gep.stocks import compensation, credits

PARAMETERS = Parameters()
FILE = Path(__file__).with_name("compensation_vectors.json")
VECTORS = vectors(FILE)
CHECKS, of_vector = checks()

AREA, VOLUME, SINK = "area [hm2]", "felled_volume [m^3]", "sink_density [t*carbon/(hm^2*year)]"
BCEF, FRACTION = "bcef_removal [t*dry_matter/m^3]", "carbon_fraction [t*carbon/(t*dry_matter)]"
PRICE, LOSS, CARBON = "credit_price [CNY/(t*CO2)]", "yearly_loss [CNY/year]", "yearly_carbon_loss [CNY/year]"
RATE, YEARS, APPRAISED = "discount_rate [1/year]", "recovery [year]", "appraised_loss [t*CO2]"

ROW = {
    "case": "A-1",
    "court": "court of A",
    "date": "2023-05-01",
    "parcel": "7",
    AREA: 2,
    SINK: 1.41,
    YEARS: 20,
    "recovery_course": "linear",
    PRICE: 50,
    "source": "appraisal",
}
SERVICES = {LOSS: 1000, CARBON: 250, RATE: 0.1}


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    are_of_the_reference(FILE, "e")


def read(*rows, **changes):
    """Damages of rows, with what is wrong with them."""
    frame = pd.DataFrame([{**ROW, **row, **changes} for row in (rows or ({},))])
    table = read_table(frame, DAMAGES)
    assert table.problems == ()
    return damages(table.rows, PARAMETERS)


def one(**changes):
    (found,), problems = read({}, **changes)
    assert problems == []
    return found


def codes(problems):
    return [problem.code for problem in problems]


@of_vector("e.aershan_2023")
def _(i):
    """The appraisal names no components, and 10.98 t of a cubic metre are more than biomass: both are asked about."""
    none = {SINK: None, YEARS: None, "recovery_course": None}
    row = {VOLUME: i["V_m3"], BCEF: None, "root_shoot": None, FRACTION: None, **none, APPRAISED: i["Q_t"]}
    assert codes(read(row)[1]) == ["K35"]
    per_volume = compensation.loss_per_volume(i["Q_t"], i["V_m3"])
    value = credits.credit_value(i["Q_t"], i["p"])
    return {
        "V_exact": value,
        "published": int(value),
        "implied_price": credits.mean_price(int(value), i["Q_t"]),
        "t_per_m3": per_volume,
    }


@of_vector("e.forest_group_2023")
def _(i):
    """More than 210000 CNY: the mean is a bound too, and there is no price."""
    row = {"court": "forest", "year": 2023, "cases": i["cases"], "value [CNY]": i["V_yuan"], "bound": "at_least"}
    table, problems = decision_table(read_table(pd.DataFrame([{**row, "source": "press"}]), DECISIONS).rows)
    assert problems == []
    mean = table.figure("forest/2023", "mean_award")
    assert table.line("forest/2023").labels["bound"] == "at least"
    return {"mean_yuan": mean.value, "mean_t_at_50": credits.credits_of_value(mean.value, 50.0)}


@of_vector("e.chongqing_equal_value")
def _(i):
    damage = one(**{"appraised_damage [CNY]": i["damage_yuan"], PRICE: i["p"]})
    remedy = remedies(damage)[1]
    ((_, raw),) = remedy.credits.parts
    return {"Q_raw": raw.value, "Q_ceil": remedy.credits.value, "cost": remedy.cost.value}


@of_vector("e.components")
def _(i):
    frame = pd.DataFrame(
        [
            {
                **ROW,
                VOLUME: i["V_m3"],
                BCEF: i["BCEF_R"],
                "root_shoot": i["R"],
                FRACTION: i["CF"],
                SINK: i["s_tC_ha"],
                YEARS: i["years"],
                "recovery_course": "step",
                PRICE: i["price"],
            }
        ]
    )
    frame = frame.drop(columns=AREA).assign(**{"面积（亩）": i["A_mu"]})
    (damage,), problems = damages(read_table(frame, DAMAGES).rows, PARAMETERS)
    assert problems == []
    remedy = remedies(damage)[0]
    return {
        "biomass_tCO2": damage.biomass.value,
        "forgone_tCO2": damage.forgone.value,
        "total_tCO2": damage.lost.value,
        "credits": remedy.credits.value,
        "cost_yuan": remedy.cost.value,
    }


@of_vector("e.linear_recovery")
def _(i):
    damage = one(**{AREA: i["A_ha"], SINK: i["s_tC_ha"], YEARS: i["T_yr"]})
    return {"forgone_tC": i["s_tC_ha"] * i["A_ha"] * i["T_yr"] / 2, "forgone_tCO2": damage.forgone.value}


@of_vector("e.discounted_loss")
def _(i):
    yearly = credits.credit_value(i["annual_tCO2"], i["price"])
    lost = {LOSS: yearly, CARBON: yearly, RATE: i["r"], YEARS: i["years"], "recovery_course": "step"}
    return {"Q": i["annual_tCO2"] * i["years"], "PV_yuan": one(**lost).services.value}


# what holds of any numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, 0.02, 0.1])
@pytest.mark.parametrize("course", ["step", "linear"])
def test_services_that_come_back(rate: float, course: str):
    """The sum over three years of the mean share that is lost in each, discounted from its end."""
    shares = (1, 1, 1) if course == "step" else (5 / 6, 3 / 6, 1 / 6)
    damage = one(**{**SERVICES, RATE: rate, YEARS: 3, "recovery_course": course})
    summed = sum(1000 * share / (1 + rate) ** year for year, share in enumerate(shares, 1))
    assert damage.services.value == pytest.approx(summed)
    assert damage.other_services.value == pytest.approx(0.75 * summed)
    assert len(damage.services.parts) == 3


def test_yearly_losses_of_a_scenario(tmp_path: Path):
    """Water falls by 600 and carbon by 250 CNY, recreation rises by 100: 750 are lost, 250 of them carbon."""
    changes = {"water_retention": -600, "carbon_sequestration": -250, "recreation": 100}
    document = {"by_service": {name: {"before": 1000, "change": change} for name, change in changes.items()}}
    (tmp_path / "felled").mkdir()
    (tmp_path / "felled" / "scenario.json").write_text(json.dumps(document), encoding="utf-8")
    rows = pd.DataFrame([{**ROW, RATE: 0, YEARS: 2, "scenario": "felled"}])
    (damage,), problems = damages(read_table(rows, DAMAGES).rows, PARAMETERS, tmp_path)
    assert problems == []
    assert (damage.services.value, damage.other_services.value) == (750, 500)
    for wrong in ({"scenario": "none"}, {LOSS: 5, CARBON: 1}):
        table = read_table(rows.assign(**wrong), DAMAGES)
        assert codes(damages(table.rows, PARAMETERS, tmp_path)[1]) == ["K35"]


def test_the_ways_make_up_for_the_loss_once():
    """2 years at 0.1: 888.43 CNY for all services, three quarters of it without carbon; 2.585 t of carbon times 2."""
    damage = one(**{YEARS: 2, **SERVICES})
    by_tonnes, by_value, money = remedies(damage)
    whole = 750 / 1.1 + 250 / 1.21
    assert damage.lost.value == pytest.approx(1.41 * 2 * 2 / 2 * 44 / 12)
    assert (by_tonnes.credits.value, by_tonnes.cost.value) == (11, 550)
    assert by_tonnes.money.value == pytest.approx(0.75 * whole)
    assert by_tonnes.total.value == pytest.approx(550 + 0.75 * whole)
    assert (by_value.credits.value, by_value.money, by_value.total.value) == (18, None, 900)
    assert (money.credits, money.cost, money.total.value) == (None, None, pytest.approx(whole))


def test_margin_and_buffer():
    """103.4 t with a margin of 0.1 at a buffer of 0.2: 142.175, rounded up."""
    assert remedies(one(margin=0.1, buffer_share=0.2))[0].credits.value == 143


def test_what_is_not_known_is_none():
    damage = one(**{PRICE: None})
    assert [(way.cost, way.total) for way in remedies(damage)] == [(None, None)] * 3


def test_wood_kept_and_soil():
    """80 t/hm² of soil on 2 hm², a tenth of it lost, beside 103.4 t of the sink; 10 t stay in wood."""
    soil = {"soil_density [t*carbon/hm^2]": 80, "soil_share_lost": 0.1, "kept_wood [t*CO2]": 10}
    assert one(**soil).lost.value == pytest.approx(103.4 + 16 * 44 / 12 - 10)


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({VOLUME: 10}, "K35", "error"),
        ({"recovery_course": None}, "K35", "error"),
        ({"soil_share_lost": 0.1}, "K35", "error"),
        ({LOSS: 100}, "K35", "error"),
        ({LOSS: 100, CARBON: 0}, "K35", "error"),
        ({**SERVICES, YEARS: 2.5}, "K35", "error"),
        ({**SERVICES, CARBON: 2000}, "K35", "error"),
        ({SINK: 0}, "K35", "error"),
        ({"kept_wood [t*CO2]": 200}, "K35", "error"),
        ({"credits_bought [t*CO2]": 5, "damages_paid [CNY]": 5}, "K37", "error"),
        ({"repair": "possible"}, "K38", "warning"),
        ({SINK: None, YEARS: None, "recovery_course": None, APPRAISED: 37}, "K39", "warning"),
        ({APPRAISED: 300}, "K39", "warning"),
        ({VOLUME: 10, BCEF: 8.3, "root_shoot": 0.29, FRACTION: 0.47}, "K39", "warning"),
    ],
)
def test_damages_that_are_refused_or_asked_about(changes, code: str, severity: str):
    found, problems = read(changes)
    assert [(problem.code, problem.severity) for problem in problems] == [(code, severity)]
    assert bool(found) == (severity == "warning")
    assert problems[0].place


def test_a_parcel_that_is_there_twice():
    assert codes(read({}, {})[1]) == ["K36"]
    found, problems = read({}, {"case": "A-2"})
    assert [(problem.code, problem.severity) for problem in problems] == [("K36", "warning")]
    assert len(found) == 2


def test_a_court_without_cases():
    row = {"court": "a", "year": 2023, "cases": 0, "source": "s"}
    assert codes(decision_table(read_table(pd.DataFrame([row]), DECISIONS).rows)[1]) == ["K35"]


def test_the_statement_of_a_case():
    found, _ = read(SERVICES)
    said = statement_of(found, "A-1")
    assert [str(title) for title, _ in said.parts][1:] == [
        "Credits for the tonnes lost, and money for the other services",
        "Credits of the value of all services lost",
        "Money for all services lost, and no credits",
    ]
    assert any("第二十条" in note.zh for note in said.notes)
    facts = {str(name): str(value) for name, value in said.parts[1][1]}
    assert facts["credits to buy"] == "104 t CO2"
    with pytest.raises(InputError) as caught:
        statement_of(found, "A-7")
    assert codes(caught.value.problems) == ["K36"]


PROJECT = """
[study]
name = "Synthetic city"
code = "150700"
year = 2023
profile = "ndrc-2022"
grid = { crs = "EPSG:32650", resolution = 100 }

[zones]
path = "zones.gpkg"
code = "code"

[land_cover]
path = "land.tif"
scheme = "clcd"

[assets.compensation]
"""


def test_the_account_of_a_project(tmp_path, monkeypatch, capsys):
    pd.DataFrame([{**ROW, **SERVICES}, {**ROW, "parcel": "8"}]).to_csv(tmp_path / "damages.csv", index=False)
    decisions = [{"court": "a", "year": 2023, "cases": 2, "value [CNY]": 900, "credits [t*CO2]": 20, "source": "s"}]
    pd.DataFrame(decisions).to_csv(tmp_path / "decisions.csv", index=False)
    project = tmp_path / "gep.toml"
    project.write_text(PROJECT + 'damages = "damages.csv"\ndecisions = "decisions.csv"\nroute = "value"\n', "utf-8")
    (account,) = accounts_of(tmp_path)
    assert account.table("loss").figure("total", "lost").value == pytest.approx(2 * 103.4)
    assert [line.id for line in account.table("remedies").lines][:3] == ["A-1/7/value", "A-1/7/tonnes", "A-1/7/money"]
    assert account.table("decisions").figure("a/2023", "price").value == 45
    assert "GEP" in account.never_added
    gep = caller(monkeypatch, capsys, tmp_path)
    assert "填补方式" in gep("compensation", "account", "--lang", "zh").out
    document = json.loads(gep("compensation", "statement", "A-1", "--json").out)
    assert [part["title"] for part in document["parts"]].count("Parcel 8: what was lost") == 1
    assert gep("compensation", "statement", "A-1", "--out", "a.html", "--lang", "zh").code == 0
    assert "第二十条" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert gep("compensation", "statement", "B").code == 4
    project.write_text(PROJECT + 'route = "value"\n', encoding="utf-8")
    assert gep("compensation", "statement", "A-1").code == 4


def test_the_synthetic_damage(tmp_path):
    """90 m³ of 0.85 t/m³, a quarter more in roots, 0.47 of it carbon, and 1.4 t C on 1.5 hm² for half of 20 years."""
    sample(tmp_path)
    (damage,), problems = damages(read_table(tmp_path / "damages.csv", DAMAGES).rows, PARAMETERS)
    assert problems == []
    assert damage.lost.value == pytest.approx((90 * 0.85 * 1.25 * 0.47 + 1.4 * 1.5 * 10) * 44 / 12)
