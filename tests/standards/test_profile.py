import shutil

import pytest
from other_data import data_in

from gep.core.catalog import service_ids
from gep.core.data import data_folder
from gep.core.errors import ProjectError
from gep.ecosystems import ECOSYSTEMS
from gep.services import SERVICES
from gep.standards.classes import land_classes
from gep.standards.coefficients import Coefficients
from gep.standards.profile import load_profile, profile_ids
from gep.standards.rules import Rule, check_methods

PROFILES = profile_ids()


@pytest.fixture
def data(tmp_path):
    """A copy of the shipped data, to add profiles to."""
    copy = tmp_path / "coefficients"
    shutil.copytree(data_folder(), copy)
    with data_in(copy):
        yield copy


def write_profile(data, identifier, text, table=""):
    folder = data / identifier
    folder.mkdir()
    (folder / "profile.toml").write_text(f'id = "{identifier}"\n{text}', encoding="utf-8")
    if table:
        heading = (data / "common" / "conventions.csv").read_text(encoding="utf-8").splitlines()[0]
        (folder / "table.csv").write_text(f"{heading}\n{table}\n", encoding="utf-8")


# what is shipped ------------------------------------------------------------------------------------------------------


def test_the_default_profile_is_there():
    assert {"ndrc-2022", "hj1173-2021"} <= set(PROFILES)


@pytest.mark.parametrize("identifier", PROFILES)
def test_services_are_of_the_code_list(identifier):
    profile = load_profile(identifier)
    assert profile.rules
    assert set(profile.rules) <= set(service_ids())
    assert set(SERVICES) <= set(service_ids())


@pytest.mark.parametrize("identifier", PROFILES)
def test_level_and_kind(identifier):
    profile = load_profile(identifier)
    assert profile.level in ("verified", "provisional")
    assert profile.kind in ("monetary", "physical")
    assert bool(profile.provisional) == (profile.level == "provisional"), (
        "a provisional profile says what is provisional in it"
    )
    assert 0 < profile.min_coverage <= 1


@pytest.mark.parametrize("identifier", [i for i in PROFILES if load_profile(i).level == "verified"])
def test_a_verified_profile_rests_on_verified_rows(identifier):
    """Design section 10: `verified` only if all it counts is."""
    own = load_profile(identifier).tables[
        :-1
    ]  # the last is common to all profiles: derivations, said where they are used
    assert [row.place for table in own for row in table if row.status != "verified"] == []


def test_levels_as_in_the_design():
    assert (load_profile("ndrc-2022").level, load_profile("ndrc-2022").kind) == ("provisional", "monetary")
    assert (load_profile("hj1173-2021").level, load_profile("hj1173-2021").kind) == ("verified", "physical")
    assert load_profile("ndrc-2022").min_coverage == 0.95


@pytest.mark.parametrize("identifier", PROFILES)
def test_what_is_counted_can_be_provided(identifier):
    """A cell of the matrix that counts has an ecosystem that lists the service, once the service has equations."""
    lacking = set()
    for rule in load_profile(identifier).rules.values():
        if rule.service in SERVICES and not rule.off:
            cells = [*rule.counts, *(cell for lists in rule.components.values() for cell in lists.get("counts", ()))]
            for ecosystem in {cell.ecosystem for cell in cells}:
                if rule.service not in {service.id for service in ECOSYSTEMS[ecosystem].services}:
                    lacking.add((rule.service, ecosystem))
    assert sorted(lacking) == []


def test_every_ecosystem_of_the_classes_has_a_module():
    assert set(ECOSYSTEMS) == {ecosystem for ecosystem, _ in land_classes()}


# the matrix -----------------------------------------------------------------------------------------------------------

RULE = Rule(
    "water_retention",
    "regulating",
    True,
    counts=("forest", "cropland/orchard", "wetland/marsh"),
    if_supplied=("cropland", "desert"),
    components={"dust": {"counts": ("grassland",), "if_supplied": ("forest",)}},
)


@pytest.mark.parametrize(
    ("ecosystem", "land_class", "counted"),
    [
        ("forest", "", "counted"),
        ("forest", "mixed", "counted"),
        ("forest", "a_class_of_the_study", "counted"),
        ("cropland", "orchard", "counted"),
        ("cropland", "tree_orchard", "counted"),  # its broader class is orchard
        ("cropland", "paddy", "if_supplied"),
        ("cropland", "", "if_supplied"),
        ("wetland", "marsh", "counted"),
        ("wetland", "forest_swamp", "counted"),  # its broader class is marsh
        ("wetland", "lake", None),
        ("wetland", "", None),
        ("desert", "gobi", "if_supplied"),
        ("urban", "green", None),
    ],
)
def test_cells_of_the_matrix(ecosystem, land_class, counted):
    assert RULE.counted(ecosystem, land_class) == counted


def test_a_component_may_count_elsewhere():
    assert RULE.counted("grassland", "", "dust") == "counted"
    assert RULE.counted("grassland", "", "so2") is None
    assert RULE.counted("forest", "mixed", "dust") == "if_supplied"
    assert RULE.counted("forest", "mixed", "so2") == "counted"


def test_dust_counts_where_ndrc_says():
    rule = load_profile("ndrc-2022").rules["air_purification"]
    assert rule.counted("cropland", "dryland", "dust") == "counted"
    assert rule.counted("cropland", "dryland", "so2") == "if_supplied"
    assert rule.counted("grassland", "steppe", "dust") == "counted"
    assert rule.counted("desert", "", "dust") is None


def test_water_surfaces_do_not_retain_water_by_default():
    rule = load_profile("ndrc-2022").rules["water_retention"]
    assert [rule.counted("wetland", c) for c in ("marsh", "reservoir", "lake", "river")] == [
        "counted",
        "counted",
        None,
        None,
    ]


# extending ------------------------------------------------------------------------------------------------------------


def test_ndrc_extends_hj():
    profile = load_profile("ndrc-2022")
    assert profile.folders == ("ndrc-2022", "cas-2010", "hj1173-2021")
    coefficients = Coefficients([(), *profile.tables])
    # from that of cas-2010, from that of hj1173-2021 (Gong et al. 2017, table 2), from the common one
    assert coefficients.lookup("reservoir_cost").row.value == 7.06
    assert coefficients.lookup("runoff_coefficient", "forest", "mixed").row.to("1") == pytest.approx(0.0352)
    assert coefficients.lookup("per_year").row.value == 1


def test_a_profile_that_extends_takes_what_it_does_not_say_itself(data):
    write_profile(
        data,
        "county-2024",
        'name_zh = "县"\nname_en = "County"\nextends = "ndrc-2022"\nlevel = "provisional"\nprovisional = ["all '
        'of it"]\n',
        "reservoir_cost,,,,8.44,CNY/m^3,,,,2013,garze-2017,Table 3,provisional,",
    )
    profile = load_profile("county-2024")
    assert profile.folders == ("county-2024", "ndrc-2022", "cas-2010", "hj1173-2021")
    assert (profile.name_en, profile.provisional) == ("County", ("all of it",))
    assert (profile.kind, profile.price_index, profile.unmoved_prices) == (
        "monetary",
        "cpi_china",
        ("electricity_price", "tariff"),
    )
    coefficients = Coefficients([(), *profile.tables])
    assert coefficients.lookup("reservoir_cost").row.value == 8.44
    assert coefficients.lookup("runoff_coefficient", "forest", "mixed").row.value == 3.52


def test_a_circle_of_profiles(data):
    for one, other in (("left", "right"), ("right", "left")):
        write_profile(data, one, f'extends = "{other}"\n')
    with pytest.raises(ProjectError, match="Profile left extends itself"):
        load_profile("left")


# what is wrong --------------------------------------------------------------------------------------------------------


def test_an_unknown_profile():
    with pytest.raises(
        ProjectError, match=r"There is no profile `ndrc2022`\. Did you mean `ndrc-2022`\?.*There are: .*hj1173-2021"
    ) as caught:
        load_profile("ndrc2022")
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("exends = 'ndrc-2022'\n", r"unknown key `exends`\. Did you mean `extends`"),
        (
            "[services.water_retention]\ncategory = 'regulating'\ncount = ['forest']\n",
            r"unknown key `count`\. Did you mean `counts`",
        ),
        (
            "[services.water_retension]\ncategory = 'regulating'\n",
            r"there is no service `water_retension`\. Did you mean `water_retention`",
        ),
        (
            "[services.water_retention]\ncategory = 'regulation'\n",
            "the category must be one of supporting, provisioning, regulating, cultural",
        ),
        (
            "[services.water_retention]\ncategory = 'regulating'\ncounts = ['forest/mixd']\n",
            "there is no ecosystem or class `forest/mixd`",
        ),
        (
            "[services.water_retention]\ncategory = 'regulating'\nmethods = { negativ = 'keep' }\n",
            "has no method switch `negativ`",
        ),
        (
            "[services.tourism]\ncategory = 'cultural'\nconstant_prices = 'deflated'\n",
            "constant_prices can be base_price, deflator",
        ),
    ],
)
def test_a_mistake_in_a_profile_is_named(data, text, says):
    top, _, services = text.partition("[")
    about = 'name_zh = "x"\nname_en = "x"\nlevel = "verified"\nkind = "physical"\n'
    write_profile(data, "mistaken", about + top + (f"[{services}" if services else ""))
    with pytest.raises(ProjectError, match=says):
        load_profile("mistaken")


def test_a_bad_row_of_a_profile_stops_it(data):
    about = 'name_zh = "x"\nname_en = "x"\nlevel = "verified"\nkind = "physical"\n'
    write_profile(data, "mistaken", about, "runoff_coefficient,forest,,,3.52,percnt,,,,,gong-2017,Table 2,verified,")
    with pytest.raises(ProjectError, match=r"(?s)data of profile mistaken have errors.*table\.csv, line 2.*percnt"):
        load_profile("mistaken")


def test_an_unknown_switch_lists_those_there_are():
    with pytest.raises(
        ProjectError,
        match=r"gep\.toml: water_retention has no method switch `negativ`\. Did you mean `negative`\?.*precipitation",
    ):
        check_methods("water_retention", {"negativ": "keep"}, "gep.toml")


def test_an_unknown_option_lists_those_there_are():
    with pytest.raises(
        ProjectError, match=r"`water_retention\.negative` cannot be `clip_cel`\. Did you mean `clip_cell`"
    ) as caught:
        check_methods("water_retention", {"negative": "clip_cel"}, "gep.toml")
    assert "It is one of: keep, clip_cell, clip_type." in str(caught.value)


def test_an_unknown_switch_of_a_service_without_any():
    with pytest.raises(ProjectError, match=r"`amount`"):
        check_methods("water_retention", {"amount": "capped"}, "gep.toml")
