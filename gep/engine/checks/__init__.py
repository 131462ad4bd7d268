"""What a pass over the grid found wrong with the inputs.

Opened inputs, a plan and its sums come in; problems go out. A check that cannot decide stays silent.

    seen         what checks look at, and the sample of cells
    suspicion    problems that say what would be right, with the inputs as they would then be
    land_cover   codes, classes, areas of classes
    own_numbers  coefficients and areas of the study's own
    statistics   quantity, price and value of the tables; rows that nothing takes
    prices       prices that no index moves
    layers       fill values, ranges, coverage of each layer
    pattern      constant, striped and copied layers
    scale        a factor between the values and what the place can have
    season       months of a layer against each other and the season
    balance      rain, evapotranspiration, runoff and erosion against each other
    climate      temperature, elevation, latitude; layers upside down
    cooling      days that need cooling against the temperature of months
    reported     what tables report of each zone, beside its land
    used         rows of the tables that figures rest on
    words        what is said of a value that no place has
    indicators   figures of the tables against each other, people and land
    products     prices and yields of products by their names
    official     areas, forest coverage of the statistics beside the map
    fellows      a zone beside the other zones
    zones        small zones, zones without values, zones unlike the others
"""

from gep.core.checks import Check
from gep.core.errors import Problem, problem
from gep.engine.checks import (
    balance,
    climate,
    cooling,
    fellows,
    indicators,
    land_cover,
    layers,
    official,
    own_numbers,
    pattern,
    prices,
    products,
    scale,
    season,
    statistics,
    zones,
)
from gep.engine.checks.seen import Seen
from gep.engine.sums import Sums
from gep.inputs.open import Inputs
from gep.plan.plan import GridPlan

CHECKS = (
    Check(land_cover.codes, ("L01", "N03")),
    Check(land_cover.classes, ("L02",)),
    Check(own_numbers.overrides, ("C10",)),
    Check(own_numbers.far_from_known, ("C14",)),
    Check(own_numbers.slipped, ("C21",)),
    Check(own_numbers.carbon_price_of_no_market, ("P12",)),
    Check(own_numbers.larger_than_zones, ("T13",)),
    Check(own_numbers.idle, ("C10",)),
    Check(own_numbers.left_from_the_sample, ("C18",)),
    Check(statistics.disagreements, ("T07",)),
    Check(statistics.unused, ("T25",)),
    Check(prices.prices, ("C05",)),
    Check(prices.gdp_of_other_prices, ("T11",)),
    Check(prices.unmoved, ("P04",)),
    Check(layers.tests_of_cells, ("N02", "N03", "N05", "N15", "R01", "R02", "U03")),
    Check(layers.between_layers, ("B01", "B02")),
    Check(scale.layers_like_no_place, ("U20", "U21")),
    Check(scale.ratios_like_no_place, ("U22", "U23")),
    Check(scale.months_against_year, ("U24",)),
    Check(climate.slopes, ("U25", "U26")),
    Check(pattern.one_value, ("R20",)),
    Check(pattern.copies, ("R21",)),
    Check(pattern.stripes, ("R22",)),
    Check(season.copied_months, ("R25",)),
    Check(season.summer_in_winter, ("B32",)),
    Check(zones.unlike_the_others, ("R23",)),
    Check(climate.upside_down, ("R24",)),
    Check(climate.land_cover_upside_down, ("R24",)),
    Check(balance.evaporates_more_nearly_everywhere, ("B20",)),
    Check(balance.runs_off_and_evaporates, ("B21",)),
    Check(balance.erodes_more_with_plants, ("B22",)),
    Check(climate.temperature_against_elevation, ("B30",)),
    Check(climate.temperature_of_the_place, ("B31",)),
    Check(land_cover.one_class, ("L20",)),
    Check(land_cover.savanna_of_the_north, ("L22",)),
    Check(land_cover.barren_forest, ("L21",)),
    Check(land_cover.approximate, ("L24",)),
    Check(land_cover.against_the_legend, ("L25",)),
    Check(land_cover.year_not_said, ("T15",)),
    Check(zones.code_of_another_place, ("Z08",)),
    Check(zones.small_zones, ("G05", "G08")),
    Check(zones.areas_by_two_ways, ("A10",)),
    Check(zones.areas_in_the_plane, ("G23",)),
    Check(zones.without_values, ("N17",)),
    Check(zones.ecosystems_without_values, ("N23",)),
    Check(cooling.cooled_when_cold, ("B41",)),
    Check(cooling.left_hot, ("B44",)),
    Check(indicators.unlike_any_place, ("O20", "O21", "P10", "P11")),
    Check(products.prices_and_yields, ("O20", "O21", "P10", "P11")),
    Check(products.heads_per_area, ("O20", "O21")),
    Check(products.smaller_than_printed, ("O24",)),
    Check(official.areas, ("A20", "A21")),
    Check(official.forest, ("A22",)),
    Check(fellows.unlike_their_fellows, ("O22", "O23")),
)


def check_sums(inputs: Inputs, plan: GridPlan, sums: Sums) -> list[Problem]:
    """Every problem of the inputs that only their cells show; errors among them mean that nothing may be written."""
    seen = Seen(inputs, plan, sums)
    if seen.total == 0:
        return [problem("engine.Z06.no_cell", "zones")] if seen.is_whole else []
    found = [found for check in CHECKS for found in check.find(seen)]
    part = seen.sums.seen
    return found if seen.is_whole else [problem("engine.N16.some_squares", "land_cover", seen=part, share=part), *found]
