"""All test vectors of methods.md section 14, read from there and computed by the equations of the package, under their
ids.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from builders import by_shipped, shipped
from vectors import CHECKS, METHODS, Computed, Inputs, flatten, vector, vectors

import gep
from gep.account.account import Account
from gep.account.entries import About, Entry
from gep.core.units import convert
from gep.derivations import erosion, storm, terrain, vegetation, wind
from gep.services import (
    air_purification,
    biomass,
    carbon_sequestration,
    climate_regulation,
    coastal_protection,
    flood_mitigation,
    negative_ions,
    noise_attenuation,
    oxygen_release,
    pest_control,
    sand_fixation,
    soil_retention,
    species_conservation,
    tourism,
    water_purification,
    water_retention,
)

pytestmark = pytest.mark.shared
HJ, CAS, FOREST = "hj1173-2021", "cas-2010", "forest-gbt38582"
"""The profiles whose numbers fill in what a vector does not give, where it is not the default one."""


@pytest.mark.parametrize("name", sorted(vectors()) or ["none"])
def test_vector(name):
    if not METHODS.is_file():
        pytest.skip("the reference is not beside this checkout")
    entry = vectors()[name]
    computed = CHECKS[name](entry["inputs"])
    assert set(computed) == set(entry["expected"]), "every number of the vector is computed"
    tolerance = 2e-4 if name.startswith("CHK.") else 1e-6
    for key, expected in entry["expected"].items():
        assert flatten(computed[key]) == pytest.approx(flatten(expected), rel=LOOSER.get((name, key), tolerance)), key


LOOSER = {("R8.lyt", "CO2_t"): 1.01e-4}
"""The standard rounds 12/44 to 27.27 %: 1.63 B A and C / 27.27 % differ from 44/12 C by 1.0e-4, which is what the note
of the vector says.
"""


# water and soil -------------------------------------------------------------------------------------------------------


@vector("R1.water_retention")
def _(i: Inputs) -> Computed:
    runoff = [c["P_mm"] * c["alpha"] for c in i["cells"]]
    depth = [water_retention.retained_water(c["P_mm"], c["ET_mm"], c["alpha"]) for c in i["cells"]]
    clipped = [water_retention.positive_retained_water(c["P_mm"], c["ET_mm"], c["alpha"]) for c in i["cells"]]
    quantity = [convert(d * c["A_m2"], "mm/year*m^2", "m^3/year") for d, c in zip(depth, i["cells"], strict=True)]
    kept = [convert(d * c["A_m2"], "mm/year*m^2", "m^3/year") for d, c in zip(clipped, i["cells"], strict=True)]
    value = water_retention.reservoir_storage_cost
    price = i["price_yuan_per_m3"]
    return {
        "R_mm": runoff,
        "Q_m3": quantity,
        "Q_keep_m3": sum(quantity),
        "Q_clip_cell_m3": sum(kept),
        "V_keep_yuan": value(sum(quantity), price),
        "V_clip_cell_yuan": value(sum(kept), price),
    }


@vector("R1.forest_form")
def _(i: Inputs) -> Computed:
    depth = water_retention.retained_water_of_runoff(i["P_mm"], i["E_mm"], i["C_mm"])
    return {"G_m3": convert(depth * i["A_hm2"], "mm/year*hm^2", "m^3/year")}


@vector("R2.S_factor")
def _(i: Inputs) -> Computed:
    return {"S": [by_shipped(terrain.steepness_factor, profile=HJ, slope=math.radians(t)) for t in i["theta_deg"]]}


@vector("R2.L_factor")
def _(i: Inputs) -> Computed:
    length = [
        by_shipped(terrain.length_factor, profile=HJ, slope=math.radians(t), slope_length=i["lambda_m"])
        for t in i["theta_deg"]
    ]
    exponent = [math.log(factor) / math.log(i["lambda_m"] / 22.13) for factor in length]  # m of L = (lambda/22.13)^m
    return {"L": length, "m": exponent, "beta": [m / (1 - m) for m in exponent]}


@vector("R2.K_factor")
def _(i: Inputs) -> Computed:
    texture = {
        "soil_sand": i["sand_pct"],
        "soil_silt": i["silt_pct"],
        "soil_clay": i["clay_pct"],
        "soil_organic_carbon": i["orgC_pct"],
    }
    epic = by_shipped(erosion.erodibility_epic, profile=HJ, **{name: share / 100 for name, share in texture.items()})
    return {
        "K_EPIC": epic,
        "K_uncorrected": by_shipped(erosion.erodibility_uncorrected, profile=HJ, erodibility_us=epic),
        "K_HJ": by_shipped(erosion.erodibility_hj, profile=HJ, erodibility_us=epic),
    }


@vector("R2.R_half_month")
def _(i: Inputs) -> Computed:
    days = np.array(i["daily_mm"])

    def of(month: int) -> float:
        return by_shipped(
            erosion.erosivity_of_daily_rain, daily_precipitation=days, calendar_month=np.full(len(days), month)
        )

    return {"warm": of(7), "cold": of(1)}


@vector("R2.R_wischmeier_monthly")
def _(i: Inputs) -> Computed:
    months = np.array(i["P_month_mm"], dtype=float)
    printed = by_shipped(erosion.erosivity_of_monthly_rain, monthly_precipitation=months, erosivity_monthly_scale=1.735)
    return {"P_year": months.sum(), "R": printed}


@vector("R2.C_dryland")
def _(i: Inputs) -> Computed:
    cover = np.array(i["cover_fraction"])
    found = by_shipped(
        erosion.cover_factor_of_dryland, "cropland/dryland", profile=HJ, vegetation_cover=cover, least_cover=1e-4
    )
    a, b = (shipped(name, "1", "cropland/dryland", profile=HJ) for name in ("cover_dryland_a", "cover_dryland_b"))
    return {"C_raw": a - b * np.log10(cover), "C_clipped": found}


@vector("R2.soil_retention")
def _(i: Inputs) -> Computed:
    slope = math.radians(i["theta_deg"])
    length = by_shipped(terrain.length_factor, profile=HJ, slope=slope, slope_length=i["lambda_m"])
    factors = (i["R"], i["K"], length * by_shipped(terrain.steepness_factor, profile=HJ, slope=slope))
    potential = soil_retention.retained_soil(*factors, 0.0, i["P_practice"])
    retained = soil_retention.retained_soil(*factors, i["C"], i["P_practice"])
    total = retained * i["A_hm2"]
    sediment = soil_retention.kept_sediment(total, i["lambda_sed"], i["rho"])
    nitrogen, phosphorus = (
        soil_retention.kept_nitrogen(total, i["N_frac"]),
        soil_retention.kept_phosphorus(total, i["P_frac"]),
    )
    values = (
        soil_retention.dredging_saved(sediment, i["c_dredge"]),
        soil_retention.nitrogen_treatment_saved(nitrogen, i["pN"]),
        soil_retention.phosphorus_treatment_saved(phosphorus, i["pP"]),
    )
    return {
        "potential": potential,
        "actual": potential - retained,
        "retained_t_per_hm2": retained,
        "Q_t": total,
        "sediment_m3": sediment,
        "V_sed": values[0],
        "N_t": nitrogen,
        "P_t": phosphorus,
        "V_N": values[1],
        "V_P": values[2],
        "V_total": sum(values),
    }


# sand -----------------------------------------------------------------------------------------------------------------


@vector("R3.rweq_full")
def _(i: Inputs) -> Computed:
    factors = {
        "weather_factor": i["WF"],
        "wind_erodible_fraction": i["EF"],
        "soil_crust_factor": i["SCF"],
        "surface_roughness_factor": i["K"],
        "wind_erosion_region": 1.0,
        "downwind_distance": i["z_m"],
    }

    def retained(cover: float) -> float:
        return by_shipped(sand_fixation.retained_sand, profile=HJ, **factors, wind_cover_factor=cover)

    # what the vector prints of the way: transport and length, from the constants of the standard
    bare, covered = (i["WF"] * i["EF"] * i["SCF"] * i["K"] * c for c in (1, i["C"]))
    e = -0.3711  # an exponent of the formula
    k, s = shipped("qmax_factor", "1", profile=HJ), shipped("field_length_factor", "m", profile=HJ)
    lost = {
        name: 2 * i["z_m"] / (s * p**e) ** 2 * k * p * math.exp(-((i["z_m"] / (s * p**e)) ** 2))
        for name, p in (("p", bare), ("a", covered))
    }
    kept = retained(i["C"])
    assert kept == pytest.approx(lost["p"] - lost["a"], rel=1e-9)
    return {
        "Qmax_p": k * bare,
        "s_p": s * bare**e,
        "SL_p_kg_m2": lost["p"],
        "Qmax": k * covered,
        "s": s * covered**e,
        "SL_kg_m2": lost["a"],
        "SR_kg_m2": kept,
        "SR_t_km2": convert(kept, "kg/m^2", "t/km^2"),
    }


@vector("R3.rweq_closed")
def _(i: Inputs) -> Computed:
    factors = {
        "wind_erodible_fraction": 1.0,
        "soil_crust_factor": 1.0,
        "surface_roughness_factor": 1.0,
        "wind_erosion_region": 1.0,
    }
    closed = sand_fixation.retained_sand_closed
    return {"Q": by_shipped(closed, weather_factor=i["product"], wind_cover_factor=i["C"], **factors)}


@vector("R3.EF_SCF")
def _(i: Inputs) -> Computed:
    soil = {"soil_sand": i["sa"], "soil_silt": i["si"], "soil_clay": i["cl"], "soil_organic_matter": i["OM"]}
    with_carbonate = by_shipped(
        wind.erodible_fraction_with_carbonate, profile=HJ, **soil, soil_calcium_carbonate=i["CaCO3"]
    )
    assert with_carbonate == pytest.approx(by_shipped(wind.erodible_fraction, profile=HJ, **soil))  # CaCO3 is 0 here
    crust = by_shipped(wind.crust_factor, profile=HJ, soil_clay=i["cl"], soil_organic_matter=i["OM"])
    return {"EF": with_carbonate, "SCF": crust}


@vector("R3.Kprime")
def _(i: Inputs) -> Computed:
    return {
        "K": by_shipped(
            wind.roughness_of_ridges, profile=HJ, terrain_roughness_ridge=i["Kr"], random_roughness=i["Crr"]
        )
    }


@vector("R3.C_grass")
def _(i: Inputs) -> Computed:
    coefficient = shipped("wind_cover_coefficient", "1/percent", "grassland", profile=HJ)
    assert coefficient == i["a"]
    return {"C": wind.cover_factor_of_class(np.array(i["cover_pct"], dtype=float), coefficient)}


@vector("R3.air_density")
def _(i: Inputs) -> Computed:
    months = np.full((12, 1), i["T_K"])
    height = convert(i["EL_km"], "km", wind.monthly_air_density_of_height.units["elevation"])
    found = by_shipped(wind.monthly_air_density_of_height, profile=HJ, elevation=height, monthly_air_temperature=months)
    return {"rho": found[0, 0]}


@vector("R3.value")
def _(i: Inputs) -> Computed:
    density = convert(i["rho"], "t/m^3", sand_fixation.restored_area.units["sand_density"])
    area = sand_fixation.restored_area(convert(i["Q_t"], "t", "kg"), density, i["h_m"])
    return {"area_m2": area, "V": sand_fixation.restoration_saved(area, i["c"])}


# coast and floods -----------------------------------------------------------------------------------------------------


@vector("R4.coastal")
def _(i: Inputs) -> Computed:
    return {"V": coastal_protection.seawall_spared(i["length_km"], i["cost"])}


def tibetan_lake(area: float) -> float:
    where = {"region": "qinghai_tibet", "profile": CAS}
    return by_shipped(flood_mitigation.lake_storage, "wetland/lake", **where, lake_area=area, exchanges=1.0)


@vector("R5.flood")
def _(i: Inputs) -> Computed:
    share = shipped("flood_share", "1/year", "wetland/reservoir", profile=CAS)
    reservoir = flood_mitigation.reservoir_storage(i["reservoir_1e4m3"] * 1e4, share)
    depth = by_shipped(flood_mitigation.marsh_storage, "wetland/marsh", profile=CAS)
    marsh = convert(depth * i["marsh_km2"], "m/year*km^2", "m^3/year")
    kept = flood_mitigation.storm_retention(i["veg"]["P_mm"], i["veg"]["Rf_mm"])
    vegetation_storage = convert(kept * i["veg"]["A_km2"], "mm/year*km^2", "m^3/year")
    lake = tibetan_lake(i["lake_km2"])
    total = lake + reservoir + marsh + vegetation_storage
    return {
        "lake_m3": lake,
        "reservoir_m3": reservoir,
        "marsh_m3": marsh,
        "veg_m3": vegetation_storage,
        "total_m3": total,
        "V": flood_mitigation.flood_storage_cost(total, i["price"]),
    }


@vector("R5.nonadditive")
def _(i: Inputs) -> Computed:
    return {
        "sum_1e4m3": sum(map(tibetan_lake, i["lakes_km2"])) / 1e4,
        "single_100_1e4m3": tibetan_lake(sum(i["lakes_km2"])) / 1e4,
    }


@vector("R5.scs_cn")
def _(i: Inputs) -> Computed:
    runoff = by_shipped(storm.scs_cn_runoff, event_rain=i["P_mm"], curve_number=i["CN"])
    scale, offset = (shipped(name, "mm") for name in ("curve_number_scale", "curve_number_offset"))
    return {
        "S_mm": scale / i["CN"] - offset,
        "Q_mm": runoff,
        "retained_m3": convert((i["P_mm"] - runoff) * i["A_m2"], "mm*m^2", "m^3"),
    }


# air and water --------------------------------------------------------------------------------------------------------


@vector("R6.air")
def _(i: Inputs) -> Computed:
    density = air_purification.so2_capacity(i["q_kg_hm2"])
    capacity = convert(density * i["A_km2"], "kg*SO2/(hm^2*year)*km^2", "t*SO2/year")
    removed = air_purification.capped(capacity, i["emission_t"])
    value = air_purification.so2_treatment_cost
    return {
        "capacity_t": capacity,
        "Q_t": removed,
        "V": value(removed, i["price"]),
        "V_capacity": value(capacity, i["price"]),
    }


@vector("R7.water_purification")
def _(i: Inputs) -> Computed:
    cod = water_purification.cod_treatment_cost(i["COD_t"], i["prices"][0])
    return {"V": cod + water_purification.nh3n_treatment_cost(i["NH3N_t"], i["prices"][1])}


# carbon, oxygen, climate ----------------------------------------------------------------------------------------------


def carbon_dioxide(nep: float, area: float, unit: str) -> float:
    """t of CO2 of a net ecosystem production in g C/m2 over an area."""
    density = by_shipped(carbon_sequestration.fixed_carbon_dioxide, net_ecosystem_production=nep)
    return convert(density * area, f"g*CO2/(m^2*year)*{unit}", "t*CO2/year")


@vector("R8.nep")
def _(i: Inputs) -> Computed:
    fixed = carbon_dioxide(i["NEP_gC_m2"], i["A_m2"], "m^2")
    per_carbon = by_shipped(carbon_sequestration.price_of_elemental_carbon, elemental_carbon_price=i["price"])
    return {
        "C_t": convert(i["NEP_gC_m2"] * i["A_m2"], "g*carbon/(m^2*year)*m^2", "t*carbon/year"),
        "CO2_t": fixed,
        "V_per_CO2": carbon_sequestration.carbon_value(fixed, i["price"]),
        "V_per_C": carbon_sequestration.carbon_value(fixed, per_carbon),
    }


@vector("R8.Rh")
def _(i: Inputs) -> Computed:
    celsius = 273.15
    months = {
        "monthly_air_temperature": np.full((12, 1), i["T_C"] + celsius),
        "monthly_precipitation": np.full((12, 1), float(i["R_mm"])),
    }
    year = by_shipped(vegetation.respiration_of_soil, "forest", **months)
    return {"Rh_gC_m2_month": year[0] / 12}


@vector("R8.alpha_drymatter")
def _(i: Inputs) -> Computed:
    hectare = i["NPP_dm_t"]  # on one hm2
    production = by_shipped(vegetation.production_of_dry_matter, dry_matter_production=hectare)
    production = convert(production, vegetation.production_of_dry_matter.returns, "g*carbon/(m^2*year)")
    nep = vegetation.share_of_production(production, i["alpha"])
    return {"C_t": convert(nep, "g*carbon/(m^2*year)*hm^2", "t*carbon/year"), "CO2_t": carbon_dioxide(nep, 1, "hm^2")}


@vector("R8.lyt")
def _(i: Inputs) -> Computed:
    stand = {"net_productivity": i["B"], "soil_carbon_rate": i["F"]}
    carbon = by_shipped(vegetation.production_of_stands, profile=FOREST, **stand) * i["A_hm2"]
    fixed = by_shipped(
        carbon_sequestration.fixed_carbon_dioxide,
        net_ecosystem_production=convert(carbon, "t*carbon/(hm^2*year)", "g*carbon/(m^2*year)"),
    )
    oxygen = by_shipped(oxygen_release.oxygen_of_stands, profile=FOREST, net_productivity=i["B"])
    return {
        "C_t": carbon,
        "CO2_t": convert(fixed, "g*CO2/(m^2*year)", "t*CO2/(hm^2*year)"),
        "O2_t": convert(oxygen, oxygen_release.oxygen_of_stands.returns, "t*O2/(hm^2*year)") * i["A_hm2"],
    }


@vector("R9.oxygen")
def _(i: Inputs) -> Computed:
    oxygen = by_shipped(oxygen_release.oxygen_of_carbon, carbon_dioxide=i["CO2_t"])
    return {"O2_t": oxygen, "V": oxygen_release.oxygen_value(oxygen, i["price"])}


@vector("R9.npp_linked")
def _(i: Inputs) -> Computed:
    npp, area = i["NPP_gC_m2"], i["A_m2"]
    by_dry_matter = by_shipped(oxygen_release.oxygen_of_production, net_primary_production=npp)
    by_carbon = by_shipped(
        oxygen_release.oxygen_of_production, net_primary_production=npp, o2_per_dry_matter=192 / 162
    )  # 32/12 per carbon
    unit = "g*O2/(m^2*year)*m^2"
    return {
        "O2_t_by_C": convert(by_carbon * area, unit, "t*O2/year"),
        "O2_t_by_1p19": convert(by_dry_matter * area, unit, "t*O2/year"),
    }


@vector("R10.climate")
def _(i: Inputs) -> Computed:
    water = {
        "evaporation": 1.0,
        "water_density": 1000.0,
        "latent_heat": i["q_J_g"],
    }  # one metre on as many m2 as there are m3
    per_area = climate_regulation.transpiration_cooling(i["GPP_kJ_m2_d"], i["d"], i["r"])
    vegetation_kwh = convert(per_area * i["S_km2"], "kJ/(m^2*year)*km^2", "kWh/year")
    bare = convert(climate_regulation.evaporation_heat(**water) * i["E_m3"], "kJ/(m^2*year)*m^2", "kWh/year")
    divided = convert(
        climate_regulation.evaporation_cooling(**water, efficiency_ratio=i["r"]) * i["E_m3"],
        "kJ/(m^2*year)*m^2",
        "kWh/year",
    )
    humid = climate_regulation.humidification(1.0, i["gamma"]) * i["E_m3"]
    value = climate_regulation.electricity_value
    totals = {"noEER": vegetation_kwh + bare + humid, "EER": vegetation_kwh + divided + humid}
    return {
        "E_pt_kWh": vegetation_kwh,
        "E_water_noEER": bare,
        "E_water_EER": divided,
        "E_humid": humid,
        **{f"total_{name}": total for name, total in totals.items()},
        **{f"V_{name}": value(total, i["price"]) for name, total in totals.items()},
    }


# the rest -------------------------------------------------------------------------------------------------------------


@vector("R11.noise")
def _(i: Inputs) -> Computed:
    return {"V": noise_attenuation.barrier_spared(i["km"], i["cost"])}


@vector("R12.pest")
def _(i: Inputs) -> Computed:
    spared = pest_control.spared_area(1.0, i["planted"], i["natural"]) * i["A_hm2"]
    whole = pest_control.natural_area(1.0) * i["A_hm2"]
    value = pest_control.pest_control_saved
    return {"area": spared, "V": value(spared, i["cost"]), "V_whole_area": value(whole, i["cost"])}


@vector("R13.species")
def _(i: Inputs) -> Computed:
    indices = {"endangered_index": i["E"], "endemic_index": i["B"], "old_tree_index": i["O"]}
    raised = by_shipped(species_conservation.price_with_rarity, profile=FOREST, class_price=i["S"], **indices)
    value = species_conservation.species_conservation_value
    return {"V_lyt": value(i["A_hm2"], i["S"]), "V_gbt": value(i["A_hm2"], raised)}


@vector("R13.shannon")
def _(i: Inputs) -> Computed:
    shares = np.array(i["p"])
    return {
        "H_ln": species_conservation.shannon_index_ln(shares),
        "H_log2": species_conservation.shannon_index_log2(shares),
    }


@vector("R14.ions")
def _(i: Inputs) -> Computed:
    air = {
        "ion_concentration": convert(i["Q"], "count/cm^3", "count/m^3"),
        "stand_height": i["H_m"],
        "ion_lifetime": i["L_min"],
    }

    def over_the_area(equation: Any) -> float:
        return convert(
            by_shipped(equation, profile=FOREST, **air) * i["A_hm2"], f"({equation.returns})*hm^2", "count/year"
        )

    of_use = over_the_area(negative_ions.ions_above_background)
    return {"n": over_the_area(negative_ions.negative_ions), "U": negative_ions.ion_production_cost(of_use, i["K"])}


@vector("C1.baiyangdian_2011")
def _(i: Inputs) -> Computed:
    with_surplus = tourism.worth_of_visit(i["TE"], i["TV"], i["CS"], 1.0)
    without = tourism.cost_of_visit(i["TE"], i["TV"], 1.0)
    return {"V": tourism.visits_value(i["visits"], with_surplus), "V_noCS": tourism.visits_value(i["visits"], without)}


def priced(quantities: Mapping[str, float], prices: Mapping[str, float], basis: str) -> Account:
    entries = [
        Entry(
            "1",
            "",
            "cropland",
            "",
            "provisioning",
            "crop_products",
            name,
            amount,
            "t/year",
            value=biomass.product_value(amount, prices[name]),
            price_basis=basis,
        )
        for name, amount in quantities.items()
    ]
    return Account(entries, About("Index", 2020))


@vector("ID.index")
def _(i: Inputs) -> Computed:
    """Products of two years at the prices of both: totals of accounts, and the indices that they define."""
    at = {
        name: priced(i[f"Q{q}"], i[f"p{p}"], f"constant:{p}").total()
        for name, q, p in (("V0", 0, 0), ("V1", 1, 1), ("V1_const", 1, 0))
    }
    return {**at, "I_V": at["V1"] / at["V0"], "I_Q": at["V1_const"] / at["V0"], "I_P": at["V1"] / at["V1_const"]}


@vector("ID.ggi_china_2015")
def _(i: Inputs) -> Computed:
    """The ratio of an account to a GDP of 72.08910891e12 is the index that is printed."""
    gdp = i["GEP_1e12"] / i["GGI"]
    entry = Entry(
        "1", "", "forest", "", "regulating", "water_retention", "x", value=i["GEP_1e12"] * 1e12, price_basis="current"
    )
    area = Entry("1", "", "forest", "", quantity=1.0, unit="m^2")
    whole = Account([entry, area], About("China", 2015, statistics={"gdp": {"1": gdp * 1e12}})).indicators()[-1]
    assert whole["value_to_gdp"] == pytest.approx(i["GGI"], rel=1e-12)
    return {"GDP_1e12": whole["gdp"] / 1e12}


@vector("CHK.garze_2010")
def _(i: Inputs) -> Computed:
    """Against the published figures: valued by the profile of the account itself."""
    rows = [
        ("water_retention", "retained_water", i["Qw_1e8"], "亿m^3"),
        ("soil_retention", "retained_soil", i["soil_1e8t"], "亿t"),
        ("sand_fixation", "retained_sand", i["sand_t"], "t"),
        ("climate_regulation", "transpiration", i["kWh_1e8"][0], "亿kWh"),
        ("climate_regulation", "evaporation", i["kWh_1e8"][1], "亿kWh"),
    ]
    given = [{"service": s, "component": c, "quantity": q, "unit": u} for s, c, q, u in rows]
    entries = {e.component: e for e in gep.account_of(given, profile="cas-2010", year=2010).entries}

    def value(name: str) -> float:
        return entries[name].value / 1e8

    return {
        "Vw_1e8": value("retained_water"),
        "sed_1e8m3": entries["sediment"].quantity / 1e8,
        "Vsed_1e8": value("sediment"),
        "VN_1e8": value("nitrogen"),
        "VP_1e8": value("phosphorus"),
        "sand_km2": entries["restored_area"].quantity / 1e6,
        "Vsand_1e8": value("restored_area"),
        "Vclimate_1e8": [value("transpiration"), value("evaporation")],
    }


@vector("CHK.shenzhen_2020")
def _(i: Inputs) -> Computed:
    """The prices that the published values and quantities imply give the values back."""
    kwh, water = i["V_climate"] / i["kWh_1e8"], i["V_water"] / i["Q_1e8t"]
    assert climate_regulation.electricity_value(i["kWh_1e8"], kwh) == pytest.approx(i["V_climate"], rel=1e-12)
    assert water_retention.reservoir_storage_cost(i["Q_1e8t"], water) == pytest.approx(i["V_water"], rel=1e-12)
    return {"price_kWh": kwh, "price_m3": water}


def test_every_vector_has_its_check():
    if not METHODS.is_file():
        pytest.skip("the reference is not beside this checkout")
    assert set(CHECKS) == set(vectors())
