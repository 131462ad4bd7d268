"""Where arguments come from, and what is said of those that come from nowhere."""

from __future__ import annotations

import pytest

from gep.core.catalog import Derivation
from gep.core.equation import equation
from gep.core.messages import Text
from gep.plan.wiring import CalendarInput, CellInput, ClassInput, Computed, LayerInput, TableInput, Wiring


@equation(rain="mm/year", share="1", returns="mm/year")
def kept(rain, share):
    """R s: what is kept."""
    return rain * share


@equation(latitude="degree", most="mm/(degree*year)", returns="mm/year")
def rain_of_latitude(latitude, most):
    """Made up, of where a cell lies."""
    return latitude * most


@equation(daily_rain="mm/year", returns="mm/year")
def rain_of_days(daily_rain):
    """Made up, of days."""
    return daily_rain


def wiring(*layers, **more):
    about = {"items": (), "coefficients": (), "derivations": (), "methods": {}}
    return Wiring(layers=layers, **{**about, **more})


def reason(found):
    """What is said of the only argument that is lacking."""
    (unfound,) = found[1]
    return unfound.detail


def test_a_layer_comes_before_a_table_and_a_table_before_a_coefficient():
    def inputs(*layers, **more):
        ((way,), _) = wiring(*layers, coefficients=("share",), **more).connect(kept)
        return way.inputs

    assert inputs("rain", "share") == (LayerInput("rain"), LayerInput("share"))
    assert inputs("rain", items=("share",)) == (LayerInput("rain"), TableInput("share", "1"))
    assert inputs("rain") == (LayerInput("rain"), ClassInput("share", "1"))


def test_numbers_of_other_kinds_are_other_inputs():
    kinds = (TableInput, ClassInput, CalendarInput, CellInput)
    assert len({kind("share", "1") for kind in kinds}) == len(kinds)


def test_what_is_not_given_is_said_in_both_languages():
    text = reason(wiring("rain").connect(kept))
    assert text == "`share` (1) is not given"
    assert text.zh == "未提供 `share`（1）"


def test_what_it_could_be_derived_from_is_said():
    made = (Derivation("rain", rain_of_days),)
    text = reason(wiring(coefficients=("share",), derivations=made).connect(kept))
    assert text == "`rain` (mm/year) is not given, nor what it could be derived from (`daily_rain`)"
    assert text.zh == "未提供 `rain`（毫米/年），也缺少推算所需的数据（`daily_rain`）"


def test_days_are_not_worked_out_cell_by_cell():
    made = (Derivation("rain", rain_of_days),)
    text = reason(wiring("daily_rain", coefficients=("share",), derivations=made).connect(kept))
    assert text.endswith(
        "; `daily_rain` would give it with coefficients that are the same for every class: days are worked out on "
        "their own grid"
    )
    assert text.zh.endswith("；若所用参数不分类别，可由 `daily_rain` 推算：逐日数据在其自身栅格上计算")


def test_days_are_a_layer_where_they_can_be_worked_out():
    made = Derivation("rain", rain_of_days)
    found = wiring(
        "daily_rain",
        coefficients=("share",),
        derivations=(made,),
        localise=lambda way: LayerInput("rain", (way.derivation,)),
    )
    ((way,), _) = found.connect(kept)
    assert way.inputs[0] == LayerInput("rain", (made,))


@pytest.mark.parametrize("name", ["rain", "latitude"])
def test_a_refusal_is_given_with_its_reason(name):
    made = (Derivation("rain", rain_of_days), Derivation("rain", rain_of_latitude))
    refused = {name: Text("it may not be", "不可采用")}
    text = reason(wiring(coefficients=("share",), derivations=made, refused=refused).connect(kept))
    assert "it may not be" in text
    assert "不可采用" in text.zh


def test_a_slip_in_a_name_is_guessed():
    text = reason(wiring("rian", coefficients=("share",)).connect(kept))
    assert text == "`rain` (mm/year) is not given. Did you mean `rian`?"
    assert text.zh == "未提供 `rain`（毫米/年）。是否应为 `rian`？"


def test_every_way_is_found_and_the_derived_comes_before_a_coefficient():
    made = (Derivation("rain", rain_of_latitude),)
    ways, _ = wiring(coefficients=("share", "rain", "most"), derivations=made).connect(kept)
    first, second = (way.inputs[0] for way in ways)
    assert isinstance(first, Computed)
    assert first.inputs[0] == CellInput("latitude", "degree")
    assert second == ClassInput("rain", "mm/year")
