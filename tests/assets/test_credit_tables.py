"""Price book, contracts, issuance, claims and ground: what is refused, and the accounts of a project."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gep.assets.credits.claims import CLAIMS, SINKS, claims_of, same_ground
from gep.assets.credits.issuance import MONITORED, issues
from gep.assets.credits.prices import CONTRACTS, PRICES, contracts, price_book
from gep.assets.credits.sample import sample
from gep.assets.parameters import Parameters
from gep.assets.project import accounts_of
from gep.assets.tables import read_table
from gep.core.errors import InputError

PRICE, CREDITS, VALUE = "credit_price [CNY/(t*CO2)]", "credits [t*CO2]", "value [CNY]"


def rows(columns, *given, **same):
    read = read_table(pd.DataFrame(list(given)).assign(**same), columns)
    assert read.problems == ()
    return read.rows


def codes(problems):
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    "row",
    [
        {PRICE: 60},
        {"date": "2024-05-01", "year": 2023, PRICE: 60},
        {"year": 2024, CREDITS: 5},
        {"date": "2024-05-01", "foreign_price [USD/(t*CO2)]": 4.5},
        {"date": "2024-05-01", "price_kind": "gift", PRICE: 50, VALUE: 10},
    ],
)
def test_prices_that_are_refused(row):
    _, problems = price_book(rows(PRICES, {"product": "VCS", "price_kind": "listed", "source": "s"} | row))
    assert codes(problems) == ["K23"]


def test_a_price_without_a_year_of_sense_has_its_place():
    _, problems = price_book(rows(PRICES, {"product": "VCS", "price_kind": "listed", "source": "s", PRICE: 60}))
    assert problems[0].place


def test_the_price_of_a_day_is_the_latest_that_was_paid():
    book, problems = price_book(
        rows(
            PRICES,
            {"date": "2023-01-01", "price_kind": "listed", PRICE: 60, "vintage_from": 2018, "vintage_to": 2020},
            {"date": "2023-02-01", "price_kind": "gift", PRICE: 50},
            {"date": "2023-03-01", "price_kind": "floor", PRICE: 30},
            {"date": "2023-04-01", "price_kind": "auction", CREDITS: 260000, VALUE: 2990000},
            {"date": "2023-05-01", "price_kind": "contract", CREDITS: 100, VALUE: 9000, "bound": "at_least"},
            product="VCS",
            source="s",
        )
    )
    assert problems == []
    on = date(2023, 12, 31)
    assert book.at("VCS", on).value == 11.5
    assert book.at("VCS", date(2023, 3, 31)).value == 60
    assert book.at("VCS", date(2023, 3, 31), vintage=2021) is None
    assert book.at("VCS", on, kind="floor").value == 30
    assert book.at("VCS", date(2022, 12, 31)) is None
    assert book.at("CCER", on) is None


def test_a_contract_keeps_what_is_known_of_it():
    one = {"contract": "a", VALUE: 4000, CREDITS: 100}
    other = {"contract": "b", VALUE: 4000}
    bound = {
        "contract": "c",
        VALUE: 22e6,
        "bound": "at_least",
        "price_low [CNY/(t*CO2)]": 10,
        "price_high [CNY/(t*CO2)]": 20,
    }
    found, problems = contracts(rows(CONTRACTS, one, other, bound, product="VCS", source="s"))
    assert problems == []
    assert found[0].price.value == 40
    assert found[1].low is found[1].high is found[1].price is None
    assert (found[2].low.value, found[2].high) == (1.1e6, None)
    twisted = {"contract": "d", VALUE: 1, "price_low [CNY/(t*CO2)]": 20, "price_high [CNY/(t*CO2)]": 10}
    assert codes(contracts(rows(CONTRACTS, twisted, product="VCS", source="s"))[1]) == ["K23"]


MONITORING = {
    "project": "P",
    "credit_standard": "vcs",
    "period_begins": "2020-01-01",
    "period_ends": "2020-12-31",
    "project_removal [t*CO2]": 1000,
    "project_half_width [t*CO2]": 10,
    "project_emission [t*CO2]": 0,
    "baseline_removal [t*CO2]": 0,
    "leakage [t*CO2]": 0,
    "buffer_share": 0.2,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"period_ends": "2019-12-31"},
        {"buffer_share": None},
        {"buffer_share": 0.61},
        {"baseline_removal [t*CO2]": 2000},
        {"project_half_width [t*CO2]": None},
    ],
)
def test_monitoring_that_is_refused_or_asked_about(changes):
    found, problems = issues(rows(MONITORED, MONITORING | changes), Parameters())
    assert codes(problems) == ["K20"]
    assert bool(found) == (problems[0].severity == "warning")


def test_no_day_is_monitored_twice():
    later = MONITORING | {"period_begins": "2020-12-31", "period_ends": "2021-12-30"}
    assert codes(issues(rows(MONITORED, MONITORING, later), Parameters())[1]) == ["K20"]
    after = MONITORING | {"period_begins": "2021-01-01", "period_ends": "2021-12-31"}
    assert issues(rows(MONITORED, MONITORING, after), Parameters())[1] == []


def test_a_parameter_that_was_not_read_is_provisional():
    (issue,), _ = issues(rows(MONITORED, MONITORING | {"credit_standard": "ccer"}), Parameters())
    (row,) = [row for row in issue.credits.parameters() if row.row.name == "nonpermanence_deduction"]
    assert (row.row.status, issue.issued.value) == ("provisional", 900)


def test_claims_without_a_sink_and_sinks_that_are_there_twice():
    claims = rows(
        CLAIMS,
        {"parcel": "1", "year": 2024, "product": "CCER", CREDITS: 10},
        {"parcel": "2", "year": 2024, "product": "CCER", CREDITS: 10},
    )
    sink = {"parcel": "1", "year": 2024, "removal [t*CO2]": 10, "source": "plots"}
    found, problems = claims_of(claims, rows(SINKS, sink, sink))
    assert codes(problems) == ["K26", "K26"]
    assert [of.left.value for of in found] == [0]


def test_the_same_ground_in_two_projects():
    """Squares of 100 m: half of the second lies on the first, the third touches it, the fourth is of its project."""
    frame = gpd.GeoDataFrame(
        {"parcel": ["1", "2", "3", "4"], "project": ["a", "b", "b", "a"]},
        geometry=[shapely.box(x, 0, x + 100, 100) for x in (0, 50, 150, 0)],
        crs="EPSG:32650",
    )
    frame.loc[2, "geometry"] = shapely.box(150, 0, 250, 100)
    problems = same_ground(frame, least=0)
    assert [(problem.code, problem.subject, problem.found) for problem in problems] == [
        ("K27", "2", "0.5 hm²"),
        ("K27", "4", "0.5 hm²"),
    ]
    assert same_ground(frame, least=5000) == []
    degrees = frame.to_crs("EPSG:4326")
    assert len(same_ground(degrees, least=0.001)) == 2


# a project ------------------------------------------------------------------------------------------------------------

PROJECT = """
[study]
name = "Synthetic city"
code = "150700"
year = 2021
profile = "ndrc-2022"
grid = {{ crs = "EPSG:32650", resolution = 100 }}

[zones]
path = "zones.gpkg"
code = "code"

[land_cover]
path = "land.tif"
scheme = "clcd"

[assets.credits]
{section}
"""


@pytest.fixture
def project(tmp_path):
    def make(**tables):
        lines = []
        for name, frame in tables.items():
            if isinstance(frame, gpd.GeoDataFrame):
                frame.to_file(tmp_path / f"{name}.gpkg")
                lines.append(f'{name} = "{name}.gpkg"')
            else:
                frame.to_csv(tmp_path / f"{name}.csv", index=False)
                lines.append(f'{name} = "{name}.csv"')
        text = PROJECT.format(section="\n".join(lines))
        (tmp_path / "gep.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def test_the_accounts_of_a_project(project):
    pipeline = pd.DataFrame(
        [("P", "potential", 1000, 0.6, "s"), ("Q", "validation", 500, None, "s")],
        columns=["project", "stage", "potential [t*CO2]", "probability", "source"],
    )
    price = pd.DataFrame([{"product": "VCS", "year": 2021, "price_kind": "listed", "source": "s", PRICE: 60}])
    claim = pd.DataFrame([{"parcel": "1", "year": 2021, "product": "VCS", CREDITS: 10}])
    sink = pd.DataFrame([{"parcel": "1", "year": 2021, "removal [t*CO2]": 11, "source": "plots"}])
    contract = pd.DataFrame([{"contract": "a", "product": "VCS", VALUE: 4000, "source": "s"}])
    folder = project(
        monitoring=pd.DataFrame([MONITORING]),
        pipeline=pipeline,
        prices=price,
        claims=claim,
        sinks=sink,
        contracts=contract,
    )
    first, second = accounts_of(folder)
    assert first.table("issuance").figure("P/2020-01-01", "issued").value == 800
    assert first.table("pipeline").figure("P", "expected").value == 600
    assert first.table("pipeline").line("Q").figures["expected"] is None
    assert first.table("claims").figure("1/2021", "unclaimed").value == 1
    assert second.table("contracts").line("a").words["least"].zh == "不详"
    assert "GEP" in first.never_added


def test_everything_that_is_wrong_is_told_at_once(project):
    ground = gpd.GeoDataFrame(
        {"parcel": ["1", "2"], "project": ["a", "b"]}, geometry=[shapely.box(0, 0, 9, 9)] * 2, crs="EPSG:32650"
    )
    bad_price = pd.DataFrame([{"product": "VCS", "price_kind": "listed", "source": "s", PRICE: 60}])
    claim = pd.DataFrame([{"parcel": "1", "year": 2021, "product": "VCS", CREDITS: 10}])
    folder = project(
        monitoring=pd.DataFrame([MONITORING | {"buffer_share": None}]), prices=bad_price, claims=claim, parcels=ground
    )
    with pytest.raises(InputError) as caught:
        accounts_of(folder)
    assert codes(caught.value.problems) == ["K20", "K23", "K26", "K27"]


@pytest.mark.parametrize("text", ["no polygons", None])
def test_parcels_that_cannot_be_read(project, text):
    folder = project(parcels=gpd.GeoDataFrame({"parcel": ["1"]}, geometry=[shapely.box(0, 0, 9, 9)], crs="EPSG:32650"))
    if text:
        (folder / "parcels.gpkg").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        accounts_of(folder)
    assert codes(caught.value.problems) == ["K27"]


def test_the_synthetic_credits(tmp_path):
    """Holdings by the entries of the sample: 4000 - 600 - 2000 and 5000 - 1000 t of the company, as its notice says."""
    section = sample(tmp_path)
    lines = [f'{name} = "{value}"' for name, value in section.model_dump(exclude_defaults=True).items()]
    (tmp_path / "gep.toml").write_text(PROJECT.format(section="\n".join(lines)), encoding="utf-8")
    projects, ledger, prices = accounts_of(tmp_path)
    assert [account.problems for account in (ledger, projects, prices)] == [(), (), ()]
    table = ledger.table("roll_forward")
    assert table.figure("Forest company/VCS/2018", "closing").value == 4000 - 600 - 2000
    assert ledger.table("reconciliation").figure("Forest company/VCS", "difference").value == 0
    assert table.figure("total/VCS", "closing").value == 4000 - 600 - 2000 + 5000 - 300
