import csv

import pytest
from places import SHARED

from gep.core.data import data_folder, read_toml
from gep.core.errors import ProjectError
from gep.standards.classes import land_classes
from gep.standards.schemes import CUSTOM, load_scheme, scheme_ids

SHIPPED = [identifier for identifier in scheme_ids() if identifier != CUSTOM]


def test_the_schemes_that_project_files_name_are_there():
    assert {"modis-igbp", "globcover-2009", "hj-1166", "third-survey", "clcd", "custom"} <= set(scheme_ids())


@pytest.mark.parametrize("identifier", SHIPPED)
def test_a_shipped_scheme(identifier):
    scheme = load_scheme(identifier)
    known = set(land_classes())
    assert scheme.classes
    for code, pair in scheme.classes.items():
        assert pair in known, code
        assert all(scheme.labels[code]), "labelled in both languages"
    assert set(scheme.no_data).isdisjoint(scheme.by_number()), "a code that means nothing has no class"
    assert identifier in read_toml(data_folder() / "crosswalks" / "schemes.toml")


@pytest.mark.parametrize(
    ("identifier", "code", "pair"),
    [
        ("modis-igbp", 1, ("forest", "evergreen_needleleaf")),
        ("modis-igbp", 0, ("wetland", "lake")),
        ("modis-igbp", 17, ("wetland", "lake")),
        ("modis-igbp", 12, ("cropland", "")),
        ("globcover-2009", 100, ("forest", "mixed")),
        ("clcd", 1, ("cropland", "")),
        ("esa-worldcover", 95, ("wetland", "mangrove")),
    ],
)
def test_codes_of_legends(identifier, code, pair):
    assert load_scheme(identifier).by_number()[code] == pair


def test_hj_1166_level_two():
    """Methods.md section 2: eight first-level types, 24 second-level classes."""
    numbers = load_scheme("hj-1166").by_number()
    ecosystems = ["forest", "shrub", "grassland", "wetland", "cropland", "urban", "desert", "other"]
    counts = [4, 3, 4, 3, 2, 3, 3, 2]
    assert sorted(numbers) == [10 * (i + 1) + k for i, count in enumerate(counts) for k in range(1, count + 1)]
    for code, (ecosystem, _) in numbers.items():
        assert ecosystem == ecosystems[code // 10 - 1]
    assert numbers[82] == ("other", "bare")
    assert numbers[62] == ("urban", "green")


# codes that are text --------------------------------------------------------------------------------------------------


def test_codes_are_text_and_keep_leading_zeros():
    scheme = load_scheme("third-survey")
    assert scheme.classes["0101"] == ("cropland", "paddy")
    assert "101" not in scheme.classes
    assert scheme.by_number()[101] == ("cropland", "paddy")
    assert scheme.by_number()[1103] == ("wetland", "reservoir")


def test_codes_with_letters_cannot_stand_in_a_raster():
    scheme = load_scheme("third-survey")
    assert scheme.classes["1104A"] == ("wetland", "aquaculture_pond")
    assert all(isinstance(code, int) for code in scheme.by_number())
    assert ("wetland", "aquaculture_pond") not in scheme.by_number().values()


def test_a_number_that_two_codes_read_as_has_no_class():
    """0201 is an orchard, 201 a town: a raster of whole numbers cannot tell."""
    scheme = load_scheme("third-survey")
    assert set(scheme.ambiguous()[201]) == {"0201", "201"}
    assert 201 not in scheme.by_number()


@pytest.mark.parametrize(("code", "pair"), [("201", "urban/built_up"), ("0201", "cropland/orchard")])
def test_a_study_settles_what_an_ambiguous_number_means(code, pair):
    scheme = load_scheme("third-survey", {code: pair})
    assert scheme.by_number()[201] == tuple(pair.split("/"))
    assert 201 not in scheme.ambiguous()
    assert 202 in scheme.ambiguous(), "the others stay open"


# what a study says ----------------------------------------------------------------------------------------------------


def test_an_override_replaces_one_code():
    plain, own = load_scheme("modis-igbp"), load_scheme("modis-igbp", {"8": "forest/mixed"})
    assert plain.by_number()[8] == ("forest", "sparse")
    assert own.by_number()[8] == ("forest", "mixed")
    assert {c: p for c, p in own.by_number().items() if c != 8} == {
        c: p for c, p in plain.by_number().items() if c != 8
    }
    assert load_scheme("modis-igbp").by_number()[8] == ("forest", "sparse"), "the shipped scheme is as it was"


def test_an_override_may_add_a_code_and_name_a_free_class():
    scheme = load_scheme("modis-igbp", {"99": "wetland/rice_fish_pond", "98": "desert"})
    assert scheme.by_number()[99] == ("wetland", "rice_fish_pond")
    assert scheme.by_number()[98] == ("desert", "")


def test_an_override_without_leading_zero_is_the_code_as_the_scheme_spells_it():
    scheme = load_scheme("third-survey", {"101": "wetland/marsh"})
    assert scheme.classes["0101"] == ("wetland", "marsh")
    assert "101" not in scheme.classes
    assert scheme.by_number()[101] == ("wetland", "marsh")


def test_custom_takes_all_from_the_study():
    scheme = load_scheme("custom", {"1": "forest/mixed", "2": "urban"})
    assert scheme.by_number() == {1: ("forest", "mixed"), 2: ("urban", "")}


@pytest.mark.parametrize("overrides", [None, {}])
def test_custom_needs_a_map(overrides):
    with pytest.raises(
        ProjectError, match=r"takes all its classes from \[land_cover\.map\]; there are none\. Write like: 8 ="
    ):
        load_scheme("custom", overrides)


def test_an_unknown_scheme_lists_what_there_is():
    with pytest.raises(
        ProjectError, match=r"There is no land-cover scheme `modis-igpb`\. Did you mean `modis-igbp`"
    ) as caught:
        load_scheme("modis-igpb")
    for identifier in scheme_ids():
        assert identifier in str(caught.value)
    assert caught.value.exit_code == 3


def test_an_unknown_ecosystem_names_the_line():
    with pytest.raises(
        ProjectError,
        match=r'\[land_cover\.map\] 8 = "forrest/mixed": there is no ecosystem `forrest`\. Did you mean `forest`',
    ):
        load_scheme("modis-igbp", {"8": "forrest/mixed"})


def test_a_class_is_snake_case():
    with pytest.raises(ProjectError, match='8 = "forest/Open woodland": a class is written in snake case'):
        load_scheme("modis-igbp", {"8": "forest/Open woodland"})


# the rasters beside the checkout --------------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("legend", "identifier"),
    [
        ("hulunbuir/landcover/mcd12c1_igbp_legend.csv", "modis-igbp"),
        ("rhine/landcover/globcover2009_legend.csv", "globcover-2009"),
    ],
)
def test_every_code_of_a_legend_is_covered(legend, identifier):
    path = SHARED / "data" / legend
    if not path.is_file():
        pytest.skip("the real rasters are not beside this checkout")
    scheme = load_scheme(identifier)
    with path.open(encoding="utf-8-sig") as file:
        codes = {int(row["code"]): row["name"] for row in csv.DictReader(file)}
    assert len(codes) > 15
    for code, name in codes.items():
        is_nothing = "no data" in name.lower() or "nodata" in name.lower()
        assert (code in scheme.no_data) if is_nothing else (code in scheme.by_number()), f"{code} {name}"
