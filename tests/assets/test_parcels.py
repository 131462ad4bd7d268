"""Parcels from tables: numbers worked by hand, what is asked, what is refused, borders and other claims."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import shapely
from geopandas import GeoDataFrame

from gep.assets.parcels import sampling
from gep.assets.parcels.account import parcel_account
from gep.assets.parcels.ground import area_of, geometry_hash, overlaps, read_polygons
from gep.assets.parcels.sample import CORNERS, sample
from gep.core.errors import InputError
from gep.inputs.assets import ParcelsSection

K = 44 / 12
PARCEL = {"parcel": "P", "holder": "V", "forest_type": "larch"}
STRATUM = {"parcel": "P", "stratum": "s", "area [hm2]": 100}
FIRST, LAST = (40.0, 42.0, 44.0), (46.0, 47.0, 51.0)


def plots(year, values, stratum="s", **columns):
    return [
        {
            "parcel": "P",
            "stratum": stratum,
            "plot": number,
            "date": f"{year}-07-01",
            "carbon density [t*carbon/hm2]": value,
            **{name: cells[number] for name, cells in columns.items()},
        }
        for number, value in enumerate(values)
    ]


def section(**switches):
    return ParcelsSection(parcels="-", strata="-", plots="-", **switches)


def account(rows, *, parcel=PARCEL, strata=(STRATUM,), maps=(), claims=(), borders=None, others=None, **switches):
    tables = {"parcels": [parcel], "strata": list(strata), "plots": rows, "maps": list(maps), "claims": list(claims)}
    frames = {name: pd.DataFrame(found) for name, found in tables.items() if found}
    return parcel_account(frames, section(**switches), polygons=borders, others=others)


def wrong(rows, **more):
    with pytest.raises(InputError) as error:
        account(rows, **more)
    return sorted(found.code for found in error.value.problems)


def warned(made):
    return sorted(found.code for found in made.account.problems)


def both():
    return [*plots(2015, FIRST), *plots(2020, LAST)]


# the ticket -----------------------------------------------------------------------------------------------------------


def test_a_ticket_by_the_differences_of_permanent_plots():
    """Differences 6, 5, 7: mean 6, s 1, u = 1 / sqrt 3, t(0.9, 2) = 2.919986, half-width 1.6859 t/hm². U = 28.1 %: the
    discount is 0.75. Removal 2200 t; half-width 618.15; certified 2200 - 463.6; less 40 and 100: whole tonnes.
    """
    parcel = {**PARCEL, "fire emission [t*CO2]": 30, "machine emission [t*CO2]": 10}
    claims = [
        {"parcel": "P", "year": 2018, "product": "ticket", "credits [t*CO2]": 100},
        {"parcel": "P", "year": 2011, "product": "ticket", "credits [t*CO2]": 1000},
        {"parcel": "Q", "year": 2018, "product": "ticket", "credits [t*CO2]": 1000},
    ]
    (ticket,) = account(both(), parcel=parcel, claims=claims).tickets
    half = 2.9199855803537 / math.sqrt(3) * 100 * K
    figures = {name: figure.value for name, figure in ticket.figures.items()}
    assert figures["removal"] == pytest.approx(600 * K, rel=1e-12)
    assert figures["half_width"] == pytest.approx(half, rel=1e-9)
    assert figures["certified"] == pytest.approx(600 * K - 0.75 * half, rel=1e-9)
    assert ticket.tonnes == math.floor(600 * K - 0.75 * half - 140)
    assert figures["per_area"] == pytest.approx(figures["quantity"] / 500, rel=1e-12)
    assert {row.row.name for row in ticket.figures["quantity"].parameters()} >= {"uncertainty_discount"}


@pytest.mark.parametrize(("issue", "share"), [("mean", 0), ("lower_bound", 1)])
def test_what_of_a_removal_is_certified(issue, share):
    (ticket,) = account(both(), issue=issue).tickets
    figures = {name: figure.value for name, figure in ticket.figures.items()}
    assert figures["certified"] == pytest.approx(figures["removal"] - share * figures["half_width"], rel=1e-12)


def test_other_plots_each_time_add_their_errors():
    """s² 4 and 7 of three plots each: u² = 4/3 + 7/3, less 2 rho u1 u2."""
    rows = [*plots(2015, FIRST), *({**row, "plot": f"new {row['plot']}"} for row in plots(2020, LAST))]
    for correlation in (0, 0.5):
        (ticket,) = account(rows, correlation=correlation).tickets
        u = math.sqrt(11 / 3 - 2 * correlation * math.sqrt(4 / 3 * 7 / 3))
        expected = sampling.student(0.9, 2) * u * 100 * K
        assert ticket.figures["half_width"].value == pytest.approx(expected, rel=1e-12)


def test_a_baseline_of_the_growth_of_the_area():
    """0.5 t/(hm² a) x 100 hm² x 5 a x 44/12 = 916.67 t."""
    parcel = {**PARCEL, "baseline growth [t*carbon/(hm2*year)]": 0.5}
    (ticket,) = account(both(), parcel=parcel, baseline="area_mean_growth").tickets
    assert ticket.figures["baseline"].value == pytest.approx(250 * K, rel=1e-12)
    assert warned(account(both(), baseline="area_mean_growth")) == ["K33"]


@pytest.mark.parametrize(
    ("rows", "claims"),
    [
        (plots(2015, FIRST), ()),
        ([*plots(2015, LAST), *plots(2020, FIRST)], ()),
        (both(), [{"parcel": "P", "year": 2020, "product": "CCER", "credits [t*CO2]": 5000}]),
        ([*plots(2015, FIRST), *plots(2020, [value + 50 for value in FIRST])], ()),
    ],
    ids=["one date", "loss", "nothing left", "too much"],
)
def test_a_ticket_that_there_is_not_or_that_is_asked_about(rows, claims):
    assert warned(account(rows, claims=claims)) == ["K33"]


def test_the_record_says_all_that_is_kept():
    made = account(both(), borders=border(), others=border("claim", "CCER 7", shift=0.1))
    record = made.tickets[0].record()
    assert record["geometry_sha256"] == geometry_hash(border().geometry.iloc[0])
    assert [one["dates"] for one in record["measured"]] == [["2015-07-01"] * 2, ["2020-07-01"] * 2]
    assert record["other_claims"] == {"searched_by_geometry": True, "overlapping": [], "by_parcel": []}
    assert record["figures"]["quantity"]["equation"]["name"] == "ticket_quantity"
    statement = made.tickets[0].statement().document()
    assert "Other claims were searched by geometry." in statement["notes"]


# evidence -------------------------------------------------------------------------------------------------------------

HEIGHTS = (10.0, 11.0, 13.0)
AIR = {"parcel": "P", "date": "2015-08-01", "auxiliary mean": 12, "auxiliary places": 1000}
SKY = {"sky density [t*carbon/hm2]": 43, "sky error [t*carbon/hm2]": 2}


def estimates(*arguments, **more):
    table = account(*arguments, **more).account.table("estimates")
    return lambda key, name: table.figure(f"P/2015/{key}", name).value


def test_air_by_double_sampling():
    """x 10, 11, 13 and y 40, 42, 44: b = 9 / 7, mean 42 + 9/7 (12 - 34/3)."""
    found = estimates(plots(2015, FIRST, auxiliary=HEIGHTS), maps=[AIR], evidence="ground+air", merge="gls")
    assert found("air", "mean") == pytest.approx(42 + 9 / 7 * (12 - 34 / 3), rel=1e-12)
    assert found("ground", "mean") == pytest.approx(42, rel=1e-12)
    assert found("joined", "error") <= found("air", "error")


def test_an_estimate_of_other_plots_joins_by_inverse_variance():
    """Ground 42 with u² = 4/3, sky 43 with u² = 4: weights 3/4 and 1/4, mean 42.25, u² = 1."""
    maps = [
        {"parcel": "P", "date": "2015-08-01", **SKY, "air density [t*carbon/hm2]": 42, "air error [t*carbon/hm2]": 1e6}
    ]
    rows = plots(2015, FIRST)
    found = estimates(rows, maps=maps, evidence="ground+air+sky", merge="inverse_variance")
    assert found("joined", "mean") == pytest.approx(42.25, rel=1e-9)
    assert found("joined", "error") == pytest.approx(1, rel=1e-9)
    assert found("sky", "weight") == pytest.approx(0.25, rel=1e-9)


def test_what_was_trained_on_the_same_plots_is_not_independent():
    rows = plots(2015, FIRST, auxiliary=HEIGHTS)
    assert wrong(rows, maps=[AIR], evidence="ground+air", merge="inverse_variance") == ["K31"]


def test_estimates_that_differ_are_not_joined():
    maps = [{"parcel": "P", "date": "2015-08-01", "air density [t*carbon/hm2]": 90, "air error [t*carbon/hm2]": 1}]
    made = account(plots(2015, FIRST), maps=maps, evidence="ground+air", merge="gls")
    assert warned(made) == ["K32", "K33"]
    assert made.account.table("estimates").figure("P/2015/joined", "mean").value == 90


def test_predictions_by_satellite_are_put_right_by_plots():
    """Predictions 39, 41, 43 are one too low everywhere: the mean of the map 50 becomes 51, without error."""
    maps = [{**AIR, "prediction mean [t*carbon/hm2]": 50}]
    columns = {"auxiliary": HEIGHTS, "prediction [t*carbon/hm2]": (39.0, 41.5, 42.5)}
    found = estimates(plots(2015, FIRST, **columns), maps=maps, evidence="ground+air+sky")
    assert found("sky", "mean") == pytest.approx(50 + (1 + 0.5 + 1.5) / 3, rel=1e-12)


@pytest.mark.parametrize(
    "of_map",
    [
        {**AIR, "auxiliary places": None},
        {"parcel": "P", "date": "2016-08-01", "auxiliary mean": 12, "auxiliary places": 9},
        {"parcel": "P", "date": "2015-08-01", "air density [t*carbon/hm2]": 42},
    ],
)
def test_evidence_that_lacks_something(of_map):
    assert wrong(plots(2015, FIRST, auxiliary=HEIGHTS), maps=[of_map], evidence="ground+air") == ["K31"]


def test_plots_that_are_needed():
    """t(0.9, 2) = 2.92, E = 4.2, s = 2: (2.92 x 2 / 4.2)² = 1.93, two plots."""
    table = account(plots(2015, FIRST)).account.table("design")
    assert table.figure("P/2015/s", "needed").value == 2


@pytest.mark.parametrize(
    ("rows", "strata"),
    [
        (plots(2015, FIRST), [{**STRATUM, "area [hm2]": 0}]),
        (plots(2015, FIRST, stratum="other"), [STRATUM]),
        (plots(2015, FIRST[:1]), [STRATUM]),
        (plots(2015, FIRST), [STRATUM, {**STRATUM, "parcel": "Q"}]),
    ],
    ids=["no area", "no stratum", "one plot", "no plots"],
)
def test_plots_that_cannot_be_used(rows, strata):
    assert set(wrong(rows, strata=strata)) == {"K30"}


# borders --------------------------------------------------------------------------------------------------------------


def border(column="parcel", name="P", shift=0.0):
    """A rectangle of about 100 hm² at 43 degrees north."""
    shape = shapely.box(110 + shift, 43, 110.0122828 + shift, 43.009)
    return GeoDataFrame({column: [name]}, geometry=[shape], crs="EPSG:4326")


def test_a_hash_is_of_the_border_and_not_of_how_it_was_drawn():
    ring = [(0, 0), (1, 0), (1, 1), (0, 1)]
    shapes = [shapely.Polygon(ring), shapely.Polygon(ring[::-1]), shapely.Polygon(ring[2:] + ring[:2])]
    assert len({geometry_hash(shape) for shape in shapes}) == 1
    assert geometry_hash(shapely.Polygon([*ring[:3], (0, 1.001)])) != geometry_hash(shapes[0])


def test_the_area_of_a_border():
    """At 43 degrees a degree is 111 094 m to the north and 81 541 m to the east on WGS84: 1001.5 x 999.8 m."""
    assert area_of(border().geometry.iloc[0]).to("hm^2") == pytest.approx(100.1, rel=2e-3)


def test_another_claim_of_the_same_ground():
    found = overlaps(border(), border("claim", "CCER 7", shift=0.0061414), least=0)
    ((claim, area),) = found["P"]
    assert (claim, area / 1e4) == ("CCER 7", pytest.approx(50.05, rel=2e-3))
    assert wrong(both(), borders=border(), others=border("claim", "CCER 7", shift=0.0061414)) == ["K34"]
    assert account(both(), borders=border(), others=border("claim", "CCER 7", shift=0.1)).tickets


def test_a_border_of_another_size_than_the_strata():
    assert wrong(both(), borders=border(), strata=[{**STRATUM, "area [hm2]": 15}]) == ["K30"]


@pytest.mark.parametrize(
    "frame",
    [
        border("name"),
        border().set_crs(None, allow_override=True),
        GeoDataFrame({"parcel": ["P"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326"),
    ],
    ids=["no column", "no system", "a point"],
)
def test_borders_that_cannot_be_used(frame, tmp_path):
    path = tmp_path / "borders.gpkg"
    frame.to_file(path)
    with pytest.raises(InputError) as error:
        read_polygons(path, "parcel")
    assert {found.code for found in error.value.problems} == {"K34"}


def test_a_file_that_is_no_polygons(tmp_path):
    (tmp_path / "borders.geojson").write_text("nothing", encoding="utf-8")
    with pytest.raises(InputError):
        read_polygons(tmp_path / "borders.geojson", "parcel")


def test_the_sample_lies_where_it_says(tmp_path):
    sample(tmp_path)
    frame = read_polygons(tmp_path / "parcels.geojson", "parcel")
    assert set(frame["parcel"]) == set(CORNERS)
    names = {"parcels": "parcels", "strata": "parcel_strata", "plots": "parcel_plots", "claims": "parcel_claims"}
    sources = {name: tmp_path / f"{file}.csv" for name, file in names.items()}
    made = parcel_account(sources, section(), polygons=frame)
    assert made.account.problems == ()
    assert [ticket.parcel for ticket in made.tickets] == ["P-01", "P-02"]
