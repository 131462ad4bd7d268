"""Parts of a session: registered, used in accounts worked by hand, taken away, carried to another process."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import own_parts
import pandas as pd
import pytest
import xarray as xr
from builders import FOREST, block, codes_of, constant, make_study, one, zones
from own_parts import CANOPY, DATA, HEADING, RULE, SHADE, data_with, given

import gep
from gep.core.data import forget
from gep.core.parts import Registered, registered
from gep.study.folder import write_run

SHAPE = (2, 4)
COUNTIES = zones(block(0, 0, 4, 2))
CELLS = 8
exactly = partial(pytest.approx, rel=1e-11)  # the area of a cell is known to a few parts in 10^12
SQUARE_KM = 1e6


@pytest.fixture(autouse=True)
def _none_left() -> Iterator[None]:
    yield
    for name in list(registered()):
        gep.unregister(name)


@pytest.fixture
def shade() -> Registered:
    return gep.register(**given())


def profile() -> Any:
    return gep.load_profile("ndrc-2022").extended("mine", {"street_shade": RULE})


def study(**layers: xr.DataArray) -> gep.Study:
    return make_study(np.full(SHAPE, FOREST), layers, COUNTIES, of=["street_shade"], profile=profile(), price_year=2020)


def canopy(value: float = 0.25) -> xr.DataArray:
    return constant(value, "1", SHAPE)


# figures --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shade")
def test_a_service_of_a_notebook_worked_by_hand():
    """8 km² with a quarter under canopy, 8 kWh/m² below it, at 0.5 CNY/kWh."""
    account = study(street_canopy=canopy()).run()
    entry = one(account, service="street_shade")
    assert entry.quantity == exactly(CELLS * SQUARE_KM * 0.25 * 8)
    assert entry.value == exactly(CELLS * SQUARE_KM * 0.25 * 8 * 0.5)
    assert account.explain("street_shade")["formula"][0]["formula"] == "E = c s"
    assert gep.label("street_shade", "zh") == "街道遮阴"


@pytest.mark.usefixtures("shade")
def test_its_layer_is_made_where_it_is_not_given():
    """Canopy is half of a cover of 0.6: 0.3."""
    account = study(vegetation_cover=canopy(0.6)).run()
    entry = one(account, service="street_shade")
    assert entry.quantity == exactly(CELLS * SQUARE_KM * 0.3 * 8)
    assert entry.derivations == ("street_canopy_of_cover",)


@pytest.mark.usefixtures("shade")
def test_densities_and_compute_have_it():
    densities = study(street_canopy=canopy()).densities(["street_shade"])
    assert float(densities["street_shade.value"].sum() * SQUARE_KM) == exactly(CELLS * SQUARE_KM)  # 1 CNY per m2
    found = gep.ecosystems.urban.compute(xr.Dataset({"street_canopy": canopy()}), profile(), year=2020)
    assert float(found["street_shade.street_cooling"].mean()) == exactly(2.0)


@pytest.mark.usefixtures("shade")
def test_a_profile_in_a_folder_counts_it_too(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    rule = '[services.street_shade]\ncategory = "regulating"\ncounts = ["urban"]'
    (folder / "profile.toml").write_text(f'id = "own"\nextends = "ndrc-2022"\n{rule}\n', encoding="utf-8")
    loaded = gep.load_profile(folder)
    assert loaded.parts == ("street_shade",)
    assert loaded.rules["street_shade"].counts == ("urban",)


def test_a_set_and_a_scheme_of_data_alone():
    set_of = f"{HEADING}\nrunoff_coefficient,forest,,,0.5,1,,,,,made-up-2020,page 1,provisional,\n"
    legend = "code,ecosystem,class,fit,label_zh,label_en,note\n7,forest,bamboo,,竹林,Bamboo,\n"
    data = {
        "alternatives/own-2020.csv": set_of,
        "crosswalks/own-legend.csv": legend,
        "sources.toml": DATA["sources.toml"],
    }
    rain = {"precipitation": constant(1000, "mm/year", SHAPE), "evapotranspiration": constant(100, "mm/year", SHAPE)}
    with gep.register(name="tables", data=data):
        cover = np.full(SHAPE, 7)
        about = {"scheme": "own-legend", "scheme_map": None, "coefficients": {"own": "@own-2020"}}
        account = make_study(cover, rain, COUNTIES, of=["water_retention"], **about).run()
    entry = one(account, service="water_retention", component="retained_water")
    assert (entry.land_class, entry.quantity) == ("bamboo", exactly(CELLS * SQUARE_KM * (1 - 0.5 - 0.1)))  # m of water
    assert account.record["parts"][0]["name"] == "tables"


def test_a_new_ecosystem():
    data = data_with(
        labels=[*DATA["labels.csv"], {"kind": "ecosystem", "id": "parkway", "zh": "林荫道", "en": "Parkway"}],
        classes=[{"ecosystem": "parkway", "label_zh": "林荫道", "label_en": "Parkway", "vegetated": 1}],
    )
    with gep.register(**given(data=data, ecosystems={"parkway": [SHADE]})):
        mine = gep.load_profile("ndrc-2022").extended("mine", {"street_shade": {**RULE, "counts": ["parkway"]}})
        about = {"profile": mine, "price_year": 2020, "scheme_map": {1: "parkway"}}
        cover = np.ones(SHAPE)
        account = make_study(cover, {"street_canopy": canopy()}, COUNTIES, of=["street_shade"], **about).run()
        assert one(account, service="street_shade").ecosystem == "parkway"
        assert account.totals("ecosystem") == {"parkway": exactly(CELLS * SQUARE_KM)}
        found = gep.ecosystems.parkway.compute(xr.Dataset({"street_canopy": canopy()}), mine, year=2020)
        assert float(found["street_shade.value"].mean()) == exactly(1.0)
    with pytest.raises(AttributeError, match="parkway"):
        gep.ecosystems.parkway  # noqa: B018 (to look it up is what is tried)


# what a run says, and depends on --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shade")
def test_a_run_says_what_it_rests_on(tmp_path):
    account = study(street_canopy=canopy()).run()
    (about,) = account.record["parts"]
    assert (about["name"], about["origin"], about["version"]) == ("street_shade", "", "")
    assert all(len(about[name]) == 64 for name in ("code_sha256", "data_sha256"))
    told = [problem for problem in account.about.problems if problem.code == "E04"]
    assert [(problem.subject, problem.found) for problem in told] == [("street_shade", "Street shade")]
    write_run(account, tmp_path / "run")
    crate = (tmp_path / "run" / "ro-crate-metadata.json").read_text(encoding="utf-8")
    assert about["code_sha256"] in crate
    assert about["data_sha256"] in crate


def test_other_numbers_of_the_parts_are_another_run():
    ids = set()
    for tariff in ("0.5", "0.6"):
        table = DATA["common/street_shade.csv"].replace("street_tariff,,,,0.5", f"street_tariff,,,,{tariff}")
        with gep.register(**given(data={**DATA, "common/street_shade.csv": table})):
            ids.add(study(street_canopy=canopy()).run().about.run_id)
    assert len(ids) == 2


def test_what_is_registered_and_taken_away_leaves_nothing_behind():
    before = make_study(np.full(SHAPE, FOREST), {"vegetation_cover": canopy()}, COUNTIES).run()
    with gep.register(**given()):
        assert "street_canopy" in gep.catalog.layer_kinds()
    after = make_study(np.full(SHAPE, FOREST), {"vegetation_cover": canopy()}, COUNTIES).run()
    assert (before.digest, before.about.run_id) == (after.digest, after.about.run_id)
    assert "parts" not in after.record
    assert "street_canopy" not in gep.catalog.layer_kinds()
    assert "street_shade" not in gep.services.SERVICES


@pytest.mark.usefixtures("shade")
def test_a_run_is_read_and_explained_without_them(tmp_path):
    account = study(street_canopy=canopy()).run()
    explained = account.explain("street_shade")
    write_run(account, tmp_path / "run")
    gep.unregister("street_shade")
    again = gep.read_run(tmp_path / "run")
    assert again.total() == exactly(CELLS * SQUARE_KM)
    assert again.explain("street_shade")["recompute"] == explained["recompute"]
    with pytest.raises(gep.PartsError) as error:
        gep.write_report(again, tmp_path / "report", "xlsx")
    assert codes_of(error.value.problems) == {"E03"}


# registering ----------------------------------------------------------------------------------------------------------


def test_the_same_twice_is_once_and_another_of_the_name_is_refused(shade: Registered):
    assert gep.register(**given()) is shade
    other = {**DATA, "common/street_shade.csv": DATA["common/street_shade.csv"].replace(",8,", ",9,")}
    with pytest.raises(gep.PartsError, match="`street_shade`") as error:
        gep.register(**given(data=other))
    assert codes_of(error.value.problems) == {"E02"}


@pytest.mark.usefixtures("shade")
def test_an_id_that_somebody_has_names_both():
    with pytest.raises(gep.PartsError) as error:
        gep.register(name="second", services=[SHADE], data={"labels.csv": [{**DATA["labels.csv"][0], "en": "Shade"}]})
    said = str(error.value)
    assert {problem.subject for problem in error.value.problems} >= {"street_shade", "saved_cooling"}
    assert "(`second`)" in said
    assert "(`street_shade`)" in said
    ours = {"labels.csv": [{"kind": "service", "id": "tourism", "zh": "旅游", "en": "Travel"}]}
    with pytest.raises(gep.PartsError, match="from gep, ") as error:
        gep.register(name="third", data=ours)
    assert [(problem.code, problem.subject) for problem in error.value.problems] == [("E02", "tourism")]


def test_one_service_twice_in_the_same_parts():
    with pytest.raises(gep.PartsError) as error:
        gep.register(**given(services=[SHADE, SHADE]))
    assert {problem.subject for problem in error.value.problems} == {"street_shade"}


def test_what_rests_on_parts_that_are_gone_says_so():
    with gep.register(**given()):
        made = study(street_canopy=canopy())
        opened = study(street_canopy=canopy())
        assert opened.inputs.parts == ("street_shade",)
    for late in (made, opened):
        with pytest.raises(gep.PartsError, match="street_shade") as error:
            late.run()
        assert codes_of(error.value.problems) == {"E03"}


def test_a_row_that_is_ours_may_be_repeated():
    ours = next(row for _, row in gep.core.data.data_rows("labels.csv") if row["id"] == "tourism")
    with gep.register(name="repeated", data={"labels.csv": [ours]}) as parts:
        assert registered() == {"repeated": parts}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, ["at least one"]),
        ({"services": SHADE}, ["`services` is of type Service", "a list"]),
        ({"services": [SHADE, 3], "derivations": ["x"]}, ["`services[1]` is of type int", "`derivations[0]`"]),
        ({"ecosystems": {"urban": SHADE}, "data": 5}, ["`ecosystems['urban']`", "`data` is of type int"]),
        ({"data": "no/such/folder"}, ["there is no folder no/such/folder"]),
        ({"data": {"../labels.csv": ""}, "name": "a b"}, ["'../labels.csv'", "`a b` is no name"]),
        ({"data": {"labels.csv": 3}, "version": 1}, ["`data['labels.csv']`", "`version` is of type int"]),
        ({"data": {"labels.csv": [3], "sources.toml": []}}, ["`data['labels.csv'][0]`", "`data['sources.toml']`"]),
    ],
)
def test_arguments_of_another_kind_are_told_together(arguments: dict[str, Any], said: list[str]):
    with pytest.raises(gep.UsageError) as error:
        gep.register(**arguments)
    assert [text for text in said if text not in str(error.value)] == []
    assert error.value.message.zh != str(error.value.message)
    assert not registered()


def test_parts_as_an_object():
    parts = gep.Parts(services=(SHADE,), derivations=(CANOPY,), data=DATA)
    with pytest.raises(gep.UsageError, match="needs a name"):
        gep.register(parts)
    with pytest.raises(gep.UsageError, match="comes alone"):
        gep.register(parts, services=[SHADE])
    with pytest.raises(gep.UsageError, match="`parts` is of type dict"):
        gep.register(DATA)
    with gep.register(parts, name="as_object", version="2") as one:
        assert (one.name, one.parts.version) == ("as_object", "2")
    with pytest.raises(gep.UsageError, match="no parts are registered as `as_object`"):
        gep.unregister("as_object")


def test_data_as_frames_and_as_a_folder(tmp_path, shade: Registered):
    frames = {name: pd.DataFrame(rows) if isinstance(rows, list) else rows for name, rows in DATA.items()}
    assert gep.register(**given(data=frames)) is shade
    for name, text in shade.parts.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert gep.register(**given(data=tmp_path)) is shade


def test_a_profile_with_changes_has_an_id_of_its_own_and_known_keys():
    shipped = gep.load_profile("ndrc-2022")
    pests = {"category": "regulating", "counts": ["forest"]}
    mine = shipped.extended("mine", {"pest_control": pests})
    assert mine.rules["pest_control"].counts == ("forest",)
    assert (mine.level, mine.sha256 != shipped.sha256) == ("provisional", True)
    with pytest.raises(gep.ProjectError, match="id of its own"):
        shipped.extended("ndrc-2022", {"pest_control": pests})
    with pytest.raises(gep.ProjectError, match="Did you mean `counts`"):
        shipped.extended("mine", {"pest_control": {**pests, "count": []}})
    with pytest.raises(gep.ProjectError, match="pest_control"):
        shipped.extended("mine", {"pest_contrl": pests})


# other processes ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("shade")
def test_a_study_takes_the_parts_of_the_session_along():
    made = study(street_canopy=canopy())
    sent, expected = pickle.dumps(made), made.run()
    gep.unregister("street_shade")
    account = pickle.loads(sent).run()
    assert (account.digest, account.about.run_id) == (expected.digest, expected.about.run_id)


def test_parts_come_back_the_same(shade: Registered):
    back = pickle.loads(pickle.dumps(shade.parts))
    assert gep.register(back) is shade
    assert own_parts.saved_cooling.text.startswith("def saved_cooling(street_canopy, cooling_saved):")
    forget()
    assert gep.load_profile("ndrc-2022").parts == ("street_shade",)
