"""What the cells show of the inputs is said in both languages, with numbers in the units of each."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import FOREST, STEPPE, block, constant, make_study, own_coefficients, raster, statistics, zones

from gep.core.errors import GepError, Problem, UsageError
from gep.core.messages import Text
from gep.engine.checks import check_sums
from gep.engine.maps import write_maps
from gep.engine.run import run
from gep.engine.sums import CheckTally, LayerTally
from gep.engine.windows import windows
from gep.inputs.grids.layers import LayerSpec
from gep.plan.planner import make_plan

COVER = np.array([[FOREST, STEPPE], [FOREST, 99]], dtype=np.uint8)
SHAPE = COVER.shape
COUNTY = zones(block(0, 0, 2, 2))


def study(**more):
    layers = {
        "precipitation": constant(1200, "mm/year", SHAPE),
        "evapotranspiration": constant(700, "mm/year", SHAPE),
        **more.pop("layers", {}),
    }
    return make_study(more.pop("cover", COVER), layers, more.pop("zones", COUNTY), of=("water_retention",), **more)


def found(code: str, **more) -> Problem:
    """The only problem of a code that a study has."""
    (problem,) = [problem for problem in study(**more).check() if problem.code == code]
    return problem


# what is said ---------------------------------------------------------------------------------------------------------


def test_an_unknown_code_is_said_with_its_area():
    problem = found("L01")
    assert problem.message == "The code 99 is not in the scheme custom."
    assert problem.found == "1.0 km² (25.00% of the area)"
    assert problem.share == pytest.approx(0.25, rel=1e-6)
    assert problem.found.zh == "1.0 平方公里（占总面积的 25.00%）"
    assert problem.do.zh.startswith("请在 `scheme_map` 中说明其类别")


def test_a_scheme_of_another_raster_is_said():
    problem = found("L01", cover=np.full(SHAPE, 99, dtype=np.uint8))
    assert problem.do.startswith("Most of the area has unknown codes")
    assert problem.do.zh.startswith("大部分面积的代码不明")


def test_a_row_that_nothing_uses_is_said_with_a_guess(tmp_path):
    own = own_coefficients(tmp_path, ("runof_coefficient", "forest/bamboo", 0.1, "1"))
    problem = found("C10", coefficients={"own": own})
    said = "Nothing uses a coefficient `runof_coefficient`. Did you mean `runoff_coefficient`"
    assert problem.message.startswith(said)
    assert problem.message.zh.startswith("没有算式使用参数 `runof_coefficient`。是否应为 `runoff_coefficient`")


def test_a_name_like_no_other_is_said_without_one(tmp_path):
    own = own_coefficients(tmp_path, ("zzz", "", 0.1, "1"))
    message = found("C10", coefficients={"own": own}).message
    assert (message, message.zh) == ("Nothing uses a coefficient `zzz`.", "没有算式使用参数 `zzz`。")


def test_values_are_shown_in_the_unit_that_they_were_given_in():
    """1200 mm are 1.2 m: the same layer, ten thousand times too large."""
    problem = found("R01", layers={"precipitation": constant(12000, "m/year", SHAPE)})
    assert problem.message.startswith("All values are outside of what is possible. If so, the right figures would be")
    assert problem.found == "12000 m/year everywhere, outside over 100.00% of the area"
    assert problem.allowed == "0 to 15 m/year"
    assert problem.found.zh == "处处为 12000 米/年，越界部分占总面积的 100.00%"
    assert problem.allowed.zh == "0 至 15 米/年"


def test_a_fill_number_is_said_as_it_stands_in_the_file():
    rain = np.array([[1200, 1200], [1200, -9999]], dtype=np.int16)
    layer = LayerSpec("precipitation", raster(rain, "mm/year"), scale=0.1)
    problem = found("N02", layers={"precipitation": replace(layer, nodata="none")})
    assert problem.message == "The value -9999 stands where nothing was measured, and is not declared as missing."
    assert problem.do == 'Say `nodata = -9999` under `layers["precipitation"]`.'
    assert problem.do.zh == '请在 `layers["precipitation"]` 中写明 `nodata = -9999`。'


def test_a_zone_of_few_cells_is_said():
    problem = found("G05")
    assert problem.message == "County 101 is only about 4 cells large: its figures rest on few values."
    assert problem.message.zh == "County 101 仅约 4 个像元，其数值依据的数据很少。"


def test_an_area_larger_than_its_zone_is_said():
    table = statistics(("101", "floor_area", "quantity", 1.0, "m2"), ("101", "lake_area/x", "quantity", 900.0, "hm2"))
    problem = found("T13", tables={"own": table})
    assert (problem.allowed, problem.allowed.zh) == ("4.0 km²", "4.0 平方公里")


def test_everything_that_is_found_comes_in_both_languages(tmp_path):
    own = own_coefficients(tmp_path, ("sand_density", "", 99.0, "t/m^3"), ("zzz", "", 1.0, "1"))
    odd = study(coefficients={"own": own}, layers={"precipitation": constant(14000, "mm/year", SHAPE)})
    plan = make_plan(odd.inputs).plan
    problems = check_sums(odd.inputs, plan, run(plan))
    assert {"L01", "C10", "C14", "G05", "U03"} <= {problem.code for problem in problems}
    for problem in problems:
        assert isinstance(problem.message, Text), problem
        assert isinstance(problem.do, Text), problem


# what is counted ------------------------------------------------------------------------------------------------------


def test_a_layer_is_tallied_over_the_area():
    """Three square kilometres of four have rain; one of them more than is usual, one a fill number."""
    rain = np.array([[1200, 6500], [np.nan, -9999]], dtype=np.float32)
    plan = make_plan(study(layers={"precipitation": raster(rain, "mm/year")}).inputs).plan
    tally = run(plan).layers["precipitation"]
    assert (tally.lowest, tally.highest) == (-9999.0, 6500.0)
    areas = [tally.valid, tally.outside, tally.unusual, tally.fills[-9999.0]]
    assert areas == pytest.approx([3e6, 1e6, 2e6, 1e6], rel=1e-6)


def test_where_nothing_is_tested_nothing_is_found():
    assert LayerTally() == LayerTally(0.0, 0.0, 0.0, {}, math.inf, -math.inf)
    assert CheckTally() == CheckTally(0.0, 0.0)


def test_a_check_of_cells_is_tallied_over_what_has_its_layers():
    rain = np.array([[600, 1200], [np.nan, 1200]], dtype=np.float32)
    plan = make_plan(study(layers={"precipitation": raster(rain, "mm/year")}).inputs).plan
    tally = run(plan).checks["plan.B01.evaporates_more_than_rains"]
    assert tally.found == pytest.approx(1e6, rel=1e-6)
    assert tally.valid == pytest.approx(3e6, rel=1e-6)


# refusals -------------------------------------------------------------------------------------------------------------


def test_refusals_come_in_both_languages(tmp_path):
    inputs = study(cover=COVER.clip(max=STEPPE)).inputs
    plan = make_plan(inputs)
    with pytest.raises(UsageError, match="multiple of 512 cells; 500 was given") as refused:
        windows(plan.plan.grid, 500)
    assert refused.value.message.zh == "读取窗口须为 512 个像元的整数倍，给出的是 500。"
    with pytest.raises(UsageError, match=r"There is no map of tourism: .*\.") as refused:
        write_maps(plan, inputs, tmp_path / "maps", services=["tourism"])
    assert refused.value.message.zh.startswith("没有 tourism 的地图：")


def test_a_study_without_land_cover_is_refused():
    inputs = replace(study().inputs, land_cover=None)
    with pytest.raises(GepError, match="Land cover and zones are needed") as refused:
        make_plan(inputs)
    assert refused.value.message.zh == "须先有土地覆盖与分区，才能安排核算。"


@pytest.mark.parametrize(("assigned", "told"), [({}, ["L22"]), ({"9": "forest/sparse"}, [])])
def test_savanna_far_from_the_tropics_is_open_woodland(assigned, told):
    # the test country lies at 52 degrees north; IGBP 9 has 10 to 30 % of trees
    cover = np.full((4, 6), 9)
    found = make_study(cover, {}, zones(block(0, 0, 6, 4)), scheme="modis-igbp", scheme_map=assigned).check()
    assert [p.code for p in found if p.code == "L22"] == told
