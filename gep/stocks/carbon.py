"""Carbon (碳储量): what stands on the land at a time, what changes it in a year, and what the change is as CO2.

Carbon and carbon dioxide are different units that never add, and so are a stock and a flow of a year.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

IPCC = "IPCC 2006, volume 4, chapter 4"
SOIL = "IPCC 2006, volume 4, chapter 2, equation 2.25"
DIFFERENCE = "IPCC 2006, volume 4, chapter 2, equation 2.5"
GAIN_LOSS = "IPCC 2006, volume 4, chapter 2, equations 2.7 to 2.14"
TOOL14 = "AR-TOOL14, appendix 1"
ORGANS = "doi 10.17521/cjpe.2015.1088, appendix 1"
ALGEBRA = "Identity"


@equation(
    growing_stock="m^3/hm^2", bcef_stock="t*dry_matter/m^3", returns="t*dry_matter/hm^2", source=f"{IPCC}, table 4.5"
)
def above_ground_biomass(growing_stock, bcef_stock):
    """Above-ground biomass of a stratum from its growing stock.

        AGB = V BCEF

    V growing stock per hectare, BCEF biomass conversion and expansion factor of the class of V: looked up for each
    stratum, never for a mean of the region.

    90 m³/hm² of boreal larch at 0.77 t/m³: 69.3 t/hm².
    """
    return growing_stock * bcef_stock


@equation(
    growing_stock="m^3/hm^2",
    wood_density="t*dry_matter/m^3",
    biomass_expansion="1",
    returns="t*dry_matter/hm^2",
    source=f"{TOOL14}; IPCC 2003, annex 3A.1",
)
def expanded_wood(growing_stock, wood_density, biomass_expansion):
    """Above-ground biomass from stem wood: the factor of `above_ground_biomass` taken apart.

        AGB = V D BEF

    V growing stock per hectare, D basic density of the wood, BEF expansion of stems to whole trees.

    100 m³/hm² of larch, 0.46 t/m³, 1.15: 52.9 t/hm².
    """
    return growing_stock * wood_density * biomass_expansion


@equation(
    above_ground_biomass="t*dry_matter/hm^2",
    root_function_intercept="1",
    root_function_slope="1",
    root_function_base="t*dry_matter/hm^2",
    returns="1",
    source=TOOL14,
)
def root_shoot_function(above_ground_biomass, root_function_intercept, root_function_slope, root_function_base):
    """Ratio of roots to what grows above ground, without steps.

        R = exp(-1.085 + 0.9256 ln b) / b

    b above-ground biomass in t/hm², as a number: over `root_function_base`, 1 t/hm².

    69.3 t/hm²: R = 0.2465.
    """
    size = above_ground_biomass / root_function_base
    return np.exp(root_function_intercept + root_function_slope * np.log(size)) / size


@equation(
    growing_stock="m^3/hm^2",
    lower_stock="m^3/hm^2",
    upper_stock="m^3/hm^2",
    lower_factor="t*dry_matter/m^3",
    upper_factor="t*dry_matter/m^3",
    returns="t*dry_matter/m^3",
    source="Interpolation between the middles of classes; IPCC has steps",
)
def factor_between_classes(growing_stock, lower_stock, upper_stock, lower_factor, upper_factor):
    """Factor between the middles of two classes of growing stock (switch `class_lookup = "interpolate"`).

        f = f_1 + (f_2 - f_1) (V - V_1) / (V_2 - V_1)

    Halfway between 35.5 at 0.78 and 75.5 at 0.77: 0.775.
    """
    return lower_factor + (upper_factor - lower_factor) * (growing_stock - lower_stock) / (upper_stock - lower_stock)


@equation(
    above_ground_biomass="t*dry_matter/hm^2",
    lower_biomass="t*dry_matter/hm^2",
    upper_biomass="t*dry_matter/hm^2",
    lower_factor="1",
    upper_factor="1",
    returns="1",
    source="Interpolation between the middles of classes; IPCC has steps",
)
def ratio_between_classes(above_ground_biomass, lower_biomass, upper_biomass, lower_factor, upper_factor):
    """Ratio of roots between the middles of two classes of biomass (switch `class_lookup = "interpolate"`).

        R = R_1 + (R_2 - R_1) (b - b_1) / (b_2 - b_1)

    Halfway between 37.5 at 0.39 and 75 at 0.24: 0.315.
    """
    share = (above_ground_biomass - lower_biomass) / (upper_biomass - lower_biomass)
    return lower_factor + (upper_factor - lower_factor) * share


@equation(above_ground_biomass="t*dry_matter/hm^2", root_shoot="1", returns="t*dry_matter/hm^2", source=IPCC)
def biomass_with_roots(above_ground_biomass, root_shoot):
    """Biomass above and below ground.

        B = AGB (1 + R)

    R ratio of roots to what grows above ground, of the class of AGB per hectare: it steps down at the limits of
    classes, so that B is not always higher where AGB is.

    69.3 t/hm² at 0.39: 96.327 t/hm²; 84.7 at 0.24: 105.028.
    """
    return above_ground_biomass * (1 + root_shoot)


@equation(
    forest_biomass="t*dry_matter/hm^2",
    shrub_to_forest_biomass="1",
    shrub_cover="1",
    returns="t*dry_matter/hm^2",
    source="AR-TOOL14, section 11",
)
def shrub_biomass(forest_biomass, shrub_to_forest_biomass, shrub_cover):
    """Above-ground biomass of shrubs from their cover.

        b = 0.10 b_forest cover

    b_forest above-ground biomass of forest of the region. Roots and carbon follow as for trees; a cover below 5 %
    counts for nothing.

    60 t/hm² and a cover of 0.3: 1.8 t/hm².
    """
    return forest_biomass * shrub_to_forest_biomass * shrub_cover


@equation(
    growing_stock="m^3/hm^2",
    volume_biomass_a="t*dry_matter/m^3",
    volume_biomass_b="t*dry_matter/hm^2",
    returns="t*dry_matter/hm^2",
    source="Meng et al. 2014",
)
def continuous_biomass(growing_stock, volume_biomass_a, volume_biomass_b):
    """Biomass by the continuous function of growing stock.

        B = a V + b

    Per hectare: b counts once for every hectare of every stratum, never once for a region. Whether roots are in B is
    a matter of the author of a and b.

    40 m³/hm² of larch of the Great Khingan, a 0.6726 t/m³, b 0.5592 t/hm²: 27.4632 t/hm².
    """
    return volume_biomass_a * growing_stock + volume_biomass_b


@equation(
    diameter="cm",
    height="m",
    organ_a="kg*dry_matter",
    organ_b="1",
    organ_size_base="cm^2*m",
    returns="kg*dry_matter",
    source=ORGANS,
)
def organ_biomass(diameter, height, organ_a, organ_b, organ_size_base):
    """Dry matter of an organ of a tree.

        W = a (D² H)^b

    D diameter at breast height in cm, H height in m, D² H as a number: over `organ_size_base`, 1 cm² m.

    Stem of a birch of 15 cm and 12 m: 0.04152 x 2700^0.923 = 61.01 kg.
    """
    return organ_a * (diameter**2 * height / organ_size_base) ** organ_b


@equation(organ_mass="kg*dry_matter", organ_carbon="g*carbon/(g*dry_matter)", returns="kg*carbon", source=ORGANS)
def carbon_of_organ(organ_mass, organ_carbon):
    """Carbon of an organ.

        C = W c

    61.01 kg at 0.47: 28.67 kg.
    """
    return organ_mass * organ_carbon


@equation(plot_carbon="kg*carbon", plot_area="m^2", returns="kg*carbon/m^2", source=ORGANS)
def carbon_density_of_plot(plot_carbon, plot_area):
    """Carbon per area of a plot.

        D = sum C / A

    2400 kg on 600 m²: 4 kg/m², 40 t/hm².
    """
    return plot_carbon / plot_area


@equation(
    biomass="t*dry_matter/hm^2",
    carbon_fraction="t*carbon/(t*dry_matter)",
    returns="t*carbon/hm^2",
    source=f"{IPCC}, table 4.3",
)
def carbon_of_biomass(biomass, carbon_fraction):
    """Carbon in dry matter.

        D = B CF

    96.327 t/hm² at 0.47: 45.27369 t/hm².
    """
    return biomass * carbon_fraction


@equation(plot_area="m^2", slope="radian", returns="m^2", source="AR-TOOL14, appendix 1")
def horizontal_area(plot_area, slope):
    """Area of a plot on the map, from its area along the slope.

        A = A_s cos a

    600 m² on a slope of 60 degrees: 300 m².
    """
    return plot_area * np.cos(slope)


@equation(density_sum="t*carbon/hm^2", plot_count="1", returns="t*carbon/hm^2", source=ORGANS)
def mean_of_plots(density_sum, plot_count):
    """Mean of the plots of a stratum.

        D = sum D_i / n

    40 and 50 t/hm²: 45 t/hm².
    """
    return density_sum / plot_count


@equation(carbon_density="t*carbon/hm^2", stratum_area="hm^2", returns="t*carbon", source=IPCC)
def carbon_of_stratum(carbon_density, stratum_area):
    """Carbon that stands in a stratum.

        S = A D

    A area, D carbon per area of that very stratum. The mean of plots of a region is not weighted by area: it does not
    multiply back to the stock.

    45.27369 t/hm² on 1000 hm²: 45 273.69 t.
    """
    return carbon_density * stratum_area


@equation(bulk_density="g/cm^3", organic_carbon="g*carbon/g", layer_depth="cm", returns="g*carbon/cm^2", source=ORGANS)
def carbon_of_soil_layer(bulk_density, organic_carbon, layer_depth):
    """Carbon of a layer of soil, per area; the layers of a profile add up.

        D = bulk density x content x thickness

    1.2 g/cm³, 20 g/kg, 10 cm: 0.24 g/cm², 24 t/hm².
    """
    return bulk_density * organic_carbon * layer_depth


@equation(
    soc_reference="t*carbon/hm^2",
    soil_factor_land_use="1",
    soil_factor_management="1",
    soil_factor_input="1",
    returns="t*carbon/hm^2",
    source=SOIL,
)
def soil_carbon_in_use(soc_reference, soil_factor_land_use, soil_factor_management, soil_factor_input):
    """Carbon of soil under a use, 0 to 30 cm.

        SOC = SOC_ref F_LU F_MG F_I

    50 t/hm², F_MG 0.95: 47.5 t/hm²; 1.14: 57.
    """
    return soc_reference * soil_factor_land_use * soil_factor_management * soil_factor_input


@equation(
    first_density="t*carbon/hm^2",
    last_density="t*carbon/hm^2",
    stratum_area="hm^2",
    soil_transition_time="year",
    returns="t*carbon/year",
    source=SOIL,
)
def yearly_change_of_soil(first_density, last_density, stratum_area, soil_transition_time):
    """What soil gains in a year on its way from one use to the other.

        dS = (SOC_1 - SOC_0) A / 20

    47.5 to 57 t/hm² on 10 000 hm² in 20 years: 4750 t a year.
    """
    return (last_density - first_density) * stratum_area / soil_transition_time


@equation(
    opening_stock="t*carbon",
    closing_stock="t*carbon",
    period="year",
    returns="t*carbon/year",
    source=DIFFERENCE,
)
def stock_difference(opening_stock, closing_stock, period):
    """What a stock grew by in a year, from two inventories.

        dS = (S_2 - S_1) / (t_2 - t_1)

    The same area, pools, depth and method at both times.

    417 to 719 Tg from 1949 to 2008: 5.1186 Tg a year.
    """
    return (closing_stock - opening_stock) / period


@equation(
    stratum_area="hm^2",
    increment="m^3/(hm^2*year)",
    bcef_increment="t*dry_matter/m^3",
    root_shoot="1",
    carbon_fraction="t*carbon/(t*dry_matter)",
    returns="t*carbon/year",
    source=GAIN_LOSS,
)
def gain_of_growth(stratum_area, increment, bcef_increment, root_shoot, carbon_fraction):
    """Carbon that growth adds in a year.

        G = A I BCEF_I (1 + R) CF

    I increment per hectare, net of mortality, or mortality is among the losses: not both.

    10 000 hm² at 2 m³/hm², 0.77 t/m³, 0.24, 0.47: 8975.12 t.
    """
    return stratum_area * increment * bcef_increment * (1 + root_shoot) * carbon_fraction


@equation(
    harvest_volume="m^3/year",
    bcef_removal="t*dry_matter/m^3",
    root_shoot="1",
    carbon_fraction="t*carbon/(t*dry_matter)",
    returns="t*carbon/year",
    source=GAIN_LOSS,
)
def loss_of_harvest(harvest_volume, bcef_removal, root_shoot, carbon_fraction):
    """Carbon that harvest takes out in a year.

        L = H BCEF_R (1 + R) CF

    5000 m³ at 0.85 t/m³, 0.24, 0.47: 2476.9 t.
    """
    return harvest_volume * bcef_removal * (1 + root_shoot) * carbon_fraction


@equation(
    disturbed_area="hm^2/year",
    above_ground_biomass="t*dry_matter/hm^2",
    root_shoot="1",
    carbon_fraction="t*carbon/(t*dry_matter)",
    lost_share="1",
    returns="t*carbon/year",
    source=GAIN_LOSS,
)
def loss_of_disturbance(disturbed_area, above_ground_biomass, root_shoot, carbon_fraction, lost_share):
    """Carbon that fire, insects and storms take out in a year.

        L = A B (1 + R) CF f

    f share of the biomass that is lost.

    100 hm² of 69.3 t/hm² at 0.39, 0.47, half of it lost: 2263.68 t.
    """
    return disturbed_area * above_ground_biomass * (1 + root_shoot) * carbon_fraction * lost_share


@equation(stratum_area="hm^2", sequestration_rate="t*carbon/(hm^2*year)", returns="t*carbon/year", source=IPCC)
def gain_at_rate(stratum_area, sequestration_rate):
    """Carbon that soil under grass takes up or a wetland buries in a year.

        G = A r

    The biomass of grass renews itself each year: it is a stock, and no sink unless it changes.

    10 000 hm² at 0.1 t/hm²: 1000 t.
    """
    return stratum_area * sequestration_rate


@equation(yearly_carbon="t*carbon/year", period="year", returns="t*carbon", source=ALGEBRA)
def carbon_of_period(yearly_carbon, period):
    """What a yearly flow comes to between opening and closing.

        S = F t

    1000 t a year in 5 years: 5000 t.
    """
    return yearly_carbon * period


@equation(carbon_of_period="t*carbon", period="year", returns="t*carbon/year", source=ALGEBRA)
def carbon_of_year(carbon_of_period, period):
    """What came and went between opening and closing, for a year.

        F = S / t

    5000 t in 5 years: 1000 t a year.
    """
    return carbon_of_period / period


@equation(
    yearly_carbon="t*carbon/year",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2/year",
    source="Ratio of molar masses",
)
def yearly_sink(yearly_carbon, co2_per_carbon):
    """What a yearly gain of carbon takes out of the air; a loss is an emission, and negative.

        Q = 44/12 (growth - harvest - disturbance)

    4234.5355 t of carbon: 15 526.63 t of CO2.
    """
    return yearly_carbon * co2_per_carbon


@equation(carbon_stock="t*carbon", co2_per_carbon="t*CO2/(t*carbon)", returns="t*CO2", source="Ratio of molar masses")
def stock_as_carbon_dioxide(carbon_stock, co2_per_carbon):
    """What a stock of carbon would be as carbon dioxide: for comparison, no sink.

        44/12 S

    348.89 Tg of carbon: 1279.26 Tg of CO2.
    """
    return carbon_stock * co2_per_carbon


@equation(
    opening_area="hm^2",
    closing_area="hm^2",
    opening_density="t*carbon/hm^2",
    closing_density="t*carbon/hm^2",
    returns="t*carbon",
    source=ALGEBRA,
)
def area_effect(opening_area, closing_area, opening_density, closing_density):
    """What of a change of a stock the change of area makes.

        dA (D_1 + D_2) / 2

    With `density_effect` it adds up to the change, without a rest. 100 to 110 hm² at 40 and 42 t/hm²: 410 t.
    """
    return (closing_area - opening_area) * (opening_density + closing_density) / 2


@equation(
    opening_area="hm^2",
    closing_area="hm^2",
    opening_density="t*carbon/hm^2",
    closing_density="t*carbon/hm^2",
    returns="t*carbon",
    source=ALGEBRA,
)
def density_effect(opening_area, closing_area, opening_density, closing_density):
    """What of a change of a stock the change of carbon per area makes.

        dD (A_1 + A_2) / 2

    100 to 110 hm² at 40 and 42 t/hm²: 210 t.
    """
    return (closing_density - opening_density) * (opening_area + closing_area) / 2


@equation(carbon_stock="t*carbon", stratum_area="hm^2", returns="t*carbon/hm^2", source=ALGEBRA)
def density_of_stock(carbon_stock, stratum_area):
    """Carbon per area of a stock and the area that it stands on.

        D = S / A

    4000 t on 100 hm²: 40 t/hm².
    """
    return carbon_stock / stratum_area


@equation(yearly_carbon="t*carbon/year", carbon_stock="t*carbon", returns="1/year", source=ALGEBRA)
def carbon_turnover(yearly_carbon, carbon_stock):
    """Share of a stock that the yearly sink is, both as carbon.

        F / S

    32.45 million t a year of 10.538 billion t: 0.308 % a year.
    """
    return yearly_carbon / carbon_stock


@equation(sink="t*CO2/year", co2_per_carbon="t*CO2/(t*carbon)", returns="t*carbon/year", source="Ratio of molar masses")
def carbon_of_sink(sink, co2_per_carbon):
    """A sink of carbon dioxide as carbon, to be held against a stock.

        F = Q / (44/12)

    0.119 Gt of CO2: 0.03245 Gt of carbon.
    """
    return sink / co2_per_carbon


@equation(
    methane="t*CH4/year", methane_warming="t*CO2/(t*CH4)", returns="t*CO2/year", source="IPCC 2014, synthesis report"
)
def methane_as_carbon_dioxide(methane, methane_warming):
    """Methane as the carbon dioxide that warms as much over a hundred years. It stands beside the sink.

        E = M GWP

    100 t at 28: 2800 t.
    """
    return methane * methane_warming


@equation(
    nitrous_oxide="t*N2O/year",
    nitrous_oxide_warming="t*CO2/(t*N2O)",
    returns="t*CO2/year",
    source="IPCC 2014, synthesis report",
)
def nitrous_oxide_as_carbon_dioxide(nitrous_oxide, nitrous_oxide_warming):
    """Nitrous oxide as the carbon dioxide that warms as much over a hundred years. It stands beside the sink.

        E = M GWP

    1 t at 265: 265 t.
    """
    return nitrous_oxide * nitrous_oxide_warming
