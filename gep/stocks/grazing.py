"""Grass-livestock balance (草畜平衡): what grassland yields, how many sheep units it can feed in a season, how many
graze on it, and by how much these differ. A capacity and a stock of animals: nothing of it is a yearly service.
"""

from __future__ import annotations

import numpy as np

from gep.core.equation import equation

FORAGE = "Qu et al. 2021, Journal of Arid Land, section 2.3: forage from net primary production"
CAPACITY = "NY/T 635-2015, carrying capacity of rangeland; Qu et al. 2021, Journal of Arid Land, section 2.4"
FIT = (
    "A power of the vegetation index, fitted to clipped plots of the year; NY/T 635-2015 estimates yields from the air "
    "too, its equation was not read"
)
BALANCE = "Qu et al. 2021, Journal of Arid Land, section 2.5, after Xu and Yang 2009, Geographical Research 28(2)"
REWARD = "Reward for protecting grassland, Inner Mongolia, calculation standards since 2011"
RATES = "Audit of published rates: an identity of rates over sums"
REGULATION = "Regulation of Inner Mongolia on grass-livestock balance, grazing ban and rest, 2021, articles 29 and 35"


@equation(
    net_primary_production="g*carbon/(m^2*year)",
    carbon_per_forage="g*carbon/(g*dry_matter)",
    below_above_ratio="1",
    returns="g*dry_matter/(m^2*year)",
    source=FORAGE,
)
def forage_of_production(net_primary_production, carbon_per_forage, below_above_ratio):
    """What grows above ground in a year, from net primary production.

        Y = NPP / (CF (1 + S))

    NPP net primary production in carbon, CF carbon in dry matter, S what grows below ground per what grows above.

    250 g/m2 at 0.45 and 5.26: 250 / (0.45 x 6.26) = 88.747 g/m2.
    """
    return net_primary_production / (carbon_per_forage * (1 + below_above_ratio))


@equation(
    vegetation_index="1",
    forage_scale="g*dry_matter/(m^2*year)",
    forage_exponent="1",
    returns="g*dry_matter/(m^2*year)",
    source=FIT,
    points={"vegetation_index": (0.1, 0.4, 0.8), "forage_exponent": (1, 1.7)},
)
def forage_of_index(vegetation_index, forage_scale, forage_exponent):
    """What grows above ground in a year, by a power fitted to clipped plots of the same year.

        Y = a NDVI^b

    NDVI at the peak, a and b of the fit: a fit of one year and region says nothing of another.

    NDVI 0.5, a 400, b 2: 100 g/m2.
    """
    return forage_scale * vegetation_index**forage_exponent


@equation(
    forage_yield="kg*dry_matter/(hm^2*year)",
    regrowth="1",
    returns="kg*dry_matter/(hm^2*year)",
    source=CAPACITY,
)
def forage_with_regrowth(forage_yield, regrowth):
    """The yield of a year from that at the peak, for what grows again after grazing.

        Y = Y_peak (1 + g)

    Y_peak yield when it is highest, g regrowth as a share of it: of the type of grassland, a number of the study.

    800 kg/hm2 at 15 percent: 920.
    """
    return forage_yield * (1 + regrowth)


@equation(
    forage_yield="kg*dry_matter/(hm^2*year)",
    grazed_area="hm^2",
    returns="kg*dry_matter/year",
    source=CAPACITY,
)
def forage_of_area(forage_yield, grazed_area):
    """What grows in a year on the land that may be grazed.

        P = Y A

    Y yield, A usable area: without land under a ban, water and buildings.

    850 kg/hm2 on 6000 hm2: 5 100 000 kg.
    """
    return forage_yield * grazed_area


@equation(
    forage_production="kg*dry_matter/year",
    edible_share="1",
    utilisation_rate="1",
    daily_intake="kg*dry_matter/(sheep_unit*day)",
    grazing_days="day/year",
    returns="sheep_unit",
    source=CAPACITY,
)
def carrying_capacity(forage_production, edible_share, utilisation_rate, daily_intake, grazing_days):
    """How many sheep units the grass of a season feeds.

        L = P H U / (I D)

    P what grows in a year, H its edible share, U the share that may be taken in the season, I what a sheep unit eats a
    day, D days of the season.

    5 100 000 kg, all of it edible, 52.5 percent, 1.8 kg, 150 days: 2 677 500 / 270 = 9916.67 sheep units.
    """
    return forage_production * edible_share * utilisation_rate / (daily_intake * grazing_days)


@equation(
    feed_mass="kg*dry_matter/year",
    feed_use="1",
    daily_intake="kg*dry_matter/(sheep_unit*day)",
    grazing_days="day/year",
    returns="sheep_unit",
    source=CAPACITY,
)
def capacity_of_feed(feed_mass, feed_use, daily_intake, grazing_days):
    """How many sheep units feed from elsewhere keeps: sown grass, straw, concentrate.

        L = F u / (I D)

    F mass of feed, u the share that is eaten, I what a sheep unit eats a day, D days of the year.

    3 000 000 kg, 90 percent, 1.8 kg, 365 days: 4109.59 sheep units.
    """
    return feed_mass * feed_use / (daily_intake * grazing_days)


@equation(
    heads="head",
    sheep_units_per_head="sheep_unit/head",
    days_present="day/year",
    days_of_year="day/year",
    returns="sheep_unit",
    source=CAPACITY,
)
def stocking(heads, sheep_units_per_head, days_present, days_of_year):
    """Animals in sheep units, by the part of the year that they graze.

        S = N f d / 365

    N heads, f sheep units of one, d days that they graze.

    800 cattle at 5 for the whole year: 4000 sheep units.
    """
    return heads * sheep_units_per_head * (days_present / days_of_year)


@equation(sheep_units="sheep_unit", sheep_units_per_head="sheep_unit/head", returns="head", source=CAPACITY)
def heads_of(sheep_units, sheep_units_per_head):
    """Sheep units as heads of another animal.

        N = S / f

    S sheep units, f sheep units of one head.

    181.01 sheep units at 8: 22.63 cattle.
    """
    return sheep_units / sheep_units_per_head


@equation(actual_stocking="sheep_unit", proper_capacity="sheep_unit", returns="1", source=BALANCE)
def overload_rate(actual_stocking, proper_capacity):
    """By how much more grazes than the grass can feed: negative where it could feed more.

        C = (S - L) / L

    S what grazes, L what can be fed. Of several places from their sums, never the mean of their rates.

    4.09 on 2.76: 0.4819.
    """
    return (actual_stocking - proper_capacity) / proper_capacity


@equation(actual_stocking="sheep_unit", proper_capacity="sheep_unit", returns="sheep_unit", source=BALANCE)
def excess_stocking(actual_stocking, proper_capacity):
    """What would have to leave for the balance.

        R = max(0, S - L)

    S what grazes, L what can be fed.

    250 on 220.65: 29.35 sheep units.
    """
    return np.maximum(actual_stocking - proper_capacity, 0)


@equation(approved_area="hm^2", area_per_sheep_unit="hm^2/sheep_unit", returns="sheep_unit", source=REGULATION)
def approved_capacity(approved_area, area_per_sheep_unit):
    """The capacity that a banner approves for a season, given as land for each sheep unit.

        L = A / m

    A area, m area for one sheep unit.

    5000 mu at 22.66 mu: 220.65 sheep units.
    """
    return approved_area / area_per_sheep_unit


@equation(excess="sheep_unit", overload_fine="CNY/sheep_unit", returns="CNY", source=REGULATION)
def fine_for_overload(excess, overload_fine):
    """What may be fined for animals above the approved capacity, after an order to correct.

        F = R f

    R sheep units above the capacity, f fine for each. Whether parts of a sheep unit count is a local rule.

    29.3469 sheep units at 100 CNY: 2934.69 CNY.
    """
    return excess * overload_fine


@equation(
    policy_area="hm^2",
    grass_reward="CNY/(hm^2*year)",
    returns="CNY/year",
    source="Reward for protecting grassland, Inner Mongolia, calculation standards since 2011",
)
def reward_for_grassland(policy_area, grass_reward):
    """What is paid in a year for land under a grazing ban, or in balance. One parcel is under one of the two.

        B = A r

    A area, r reward.

    1000 mu at 7.5 CNY/mu: 7500 CNY.
    """
    return policy_area * grass_reward


@equation(
    daily_intake="kg*dry_matter/(sheep_unit*day)",
    grazing_days="day/year",
    hay_per_sheep_unit="kg*dry_matter/(sheep_unit*year)",
    returns="1",
    source=CAPACITY,
)
def implied_use(daily_intake, grazing_days, hay_per_sheep_unit):
    """Which share of its hay a published capacity takes: what its edible share times its utilisation must have been.

        H U = I D / h

    I what a sheep unit eats a day, D days of the year, h hay for each sheep unit of the capacity.

    1.8 kg, 365 days, 1272.24 kg: 0.5164.
    """
    return daily_intake * grazing_days / hay_per_sheep_unit


@equation(
    whole_rate="1",
    one_rate="1",
    other_rate="1",
    returns="1",
    source="Audit of published rates: an identity of rates over sums",
)
def weight_between(whole_rate, one_rate, other_rate):
    """Which weight a part has in a rate over two parts: its share of the proper capacity.

        w = (c - c_2) / (c_1 - c_2)

    c rate of the whole, c_1 and c_2 of the parts. Outside 0 to 1 the whole does not lie between its parts.

    19.4 between 20.6 and 15.6: 0.76.
    """
    return (whole_rate - other_rate) / (one_rate - other_rate)
