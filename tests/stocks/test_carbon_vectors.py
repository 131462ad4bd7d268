"""Equations of stocks of carbon: the vectors of the reference under their ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from assets_vectors import are_of_the_reference, checks, holds, vectors

from gep.assets.carbon.density import Densities
from gep.assets.figures import given
from gep.assets.parameters import Parameters
from gep.core.messages import Text
from gep.core.units import convert
from gep.inputs.assets import CarbonSection
from gep.services.carbon_storage import present_value_of_stock_change
from gep.services.oxygen_release import oxygen_of_carbon, oxygen_value
from gep.stocks import carbon

PATH = Path(__file__).with_name("carbon_vectors.json")
VECTORS = vectors(PATH)
CHECKS, of_vector = checks()
HERE = Text("here", "此处")
RATIO = 44 / 12
MILLION = convert(1, "1e6*CNY", "1e8*CNY")


@pytest.mark.parametrize("name", VECTORS)
def test_vector(name: str):
    holds(VECTORS[name], CHECKS[name])


@pytest.mark.shared
def test_the_vectors_are_those_of_the_reference():
    are_of_the_reference(PATH, "a")


@of_vector("a.stand_v90")
@of_vector("a.stand_v110")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    """Through the shipped rows, whose classes are looked up for the stratum."""
    densities = Densities(CarbonSection(stocks="-"), Parameters())
    stand = densities.stand(given(i["V_m3_ha"], "m^3/hm^2", HERE), f"{i['zone']}/{i['type']}")
    used = {row.row.name: row.row.value for row in stand.density.parameters()}
    assert used == {"bcef_stock": i["BCEF_S"], "root_shoot": i["R"], "carbon_fraction": i["CF"]}
    stock = carbon.carbon_of_stratum(stand.density.value, i["A_ha"])
    return {
        "AGB_t_ha": stand.above_ground.value,
        "B_t_ha": carbon.biomass_with_roots(stand.above_ground.value, i["R"]),
        "C_t_ha": stand.density.value,
        "C_t": stock,
        "CO2_t": carbon.stock_as_carbon_dioxide(stock, RATIO),
    }


@of_vector("a.continuous_function")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    a, b = i["a_t_m3"], i["b_t_ha"]
    biomass = sum(area * carbon.continuous_biomass(volume, a, b) for area, volume in i["strata_A_V"])
    return {
        "B_t": biomass,
        "C_t": carbon.carbon_of_biomass(biomass, i["CF"]),
        "B_t_wrong_b_once": carbon.continuous_biomass(sum(area * volume for area, volume in i["strata_A_V"]), a, b),
    }


@of_vector("a.stock_difference")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    yearly = carbon.stock_difference(i["C1_TgC"], i["C2_TgC"], i["t2"] - i["t1"])
    return {"dC_TgC_yr": yearly, "CO2_Tg_yr": carbon.yearly_sink(yearly, RATIO)}


@of_vector("a.gain_loss")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    gain = carbon.gain_of_growth(i["A_ha"], i["I_V"], i["BCEF_I"], i["R"], i["CF"])
    wood = carbon.loss_of_harvest(i["H_m3"], i["BCEF_R"], i["R"], i["CF"])
    disturbed = carbon.loss_of_disturbance(i["A_dist_ha"], i["B_W_t_ha"], i["R_dist"], i["CF"], i["fd"])
    net = gain - wood - disturbed
    return {
        "gain_tC": gain,
        "loss_wood_tC": wood,
        "loss_dist_tC": disturbed,
        "net_tC": net,
        "net_tCO2": carbon.yearly_sink(net, RATIO),
    }


@of_vector("a.soc")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    first, last = (carbon.soil_carbon_in_use(i["SOC_ref"], *i[name]) for name in ("F0", "F1"))
    yearly = carbon.yearly_change_of_soil(first, last, i["A_ha"], i["D_yr"])
    return {"dSOC_tC_yr": yearly, "CO2_t_yr": carbon.yearly_sink(yearly, RATIO)}


@of_vector("a.area_density_split")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    arguments = (*i["A"], *i["D"])
    area, density = carbon.area_effect(*arguments), carbon.density_effect(*arguments)
    stocks = [carbon.carbon_of_stratum(d, a) for a, d in zip(i["A"], i["D"], strict=True)]
    return {"S": stocks, "area_effect": area, "density_effect": density, "total": area + density}


@of_vector("a.unit_of_regional_stock")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    def turnover(stock: float) -> float:
        return convert(carbon.carbon_turnover(carbon.carbon_of_sink(i["sink_tCO2e_yr"], RATIO), stock), "1", "percent")

    return {
        "turnover_pct_if_tC": turnover(i["stock_t"]),
        "turnover_pct_if_tCO2": turnover(i["stock_t"] / RATIO),
        "stock_CO2_if_tC_1e8": carbon.stock_as_carbon_dioxide(i["stock_t"], RATIO) / 1e8,
    }


@of_vector("a.khingan_2008")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stock at a price: the whole of it at once. No account of ours values a stock so; the paper does."""
    dioxide = carbon.stock_as_carbon_dioxide(i["C_TgC"], RATIO)
    oxygen = oxygen_of_carbon(dioxide, 32 / 44)
    at_once = {"discount_rate": 0, "price_fall": 0, "change_years": 1, "payment_interval": 1}
    return {
        "CO2_Tg": dioxide,
        "O2_Tg": oxygen,
        "V_C_1e8": float(present_value_of_stock_change(i["C_TgC"], i["price_yuan_tC"], **at_once)) * MILLION,
        "V_O2_1e8": oxygen_value(oxygen, i["price_yuan_tO2"]) * MILLION,
    }


@of_vector("a.allometric_birch")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = Parameters()
    organs = {}
    for organ in ("leaf", "branch", "stem", "root"):
        a, b = (
            parameters.find(name, ecosystem="forest", of=f"betula_platyphylla/{organ}", region="inner_mongolia").value
            for name in ("organ_a", "organ_b")
        )
        organs[f"{organ}_kg"] = carbon.organ_biomass(i["D_cm"], i["H_m"], a, b, 1.0)
    return {**organs, "total_kg": sum(organs.values())}


@of_vector("a.account")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    """Through tables: one stratum, its changes, and land from a class that loses it."""
    import pandas as pd

    from gep.assets.carbon.account import carbon_account

    where = {"zone": "A", "ecosystem": "forest", "land_class": "larch", "pool": "tree"}
    stocks = pd.DataFrame([{**where, "year": 2020, "carbon_stock [t*carbon]": i["opening_tC"]}])
    lines = {"growth": "growth", "area": "area_in", "harvest": "harvest", "disturbance": "disturbance"}
    rows = [
        {**where, "change": change, "year": 2021, "carbon_amount [t*carbon]": i[key]} for change, key in lines.items()
    ]
    made = carbon_account({"stocks": stocks, "changes": pd.DataFrame(rows)}, CarbonSection(stocks="-"))
    closing = made.account.table("balance").figure("2020-2021/closing", "all").value
    return {
        "closing_tC": closing,
        "change": closing - i["opening_tC"],
        "change_tCO2": carbon.yearly_sink(closing - i["opening_tC"], RATIO),
    }


@of_vector("a.root_function")
def _(i: Mapping[str, Any]) -> Mapping[str, Any]:
    densities = Densities(CarbonSection(stocks="-", root="tool14_function"), Parameters())
    biomass = [given(value, "t*dry_matter/hm^2", HERE) for value in i["b_t_ha"]]
    return {"R": [densities.root_shoot(figure, "boreal/larch").value for figure in biomass]}
