"""Damage to a parcel as tonnes of carbon dioxide, as services lost over the years of recovery, and as credits to buy.

Tonnes are never discounted; money is.
"""

from __future__ import annotations

from gep.core.equation import equation

IPCC = "IPCC 2006 vol. 4, equation 2.12"
LOSS = "Loss of a sink over the years of recovery"


@equation(
    felled_volume="m^3",
    bcef_removal="t*dry_matter/m^3",
    root_shoot="1",
    carbon_fraction="t*carbon/(t*dry_matter)",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=IPCC,
)
def felled_biomass(felled_volume, bcef_removal, root_shoot, carbon_fraction, co2_per_carbon):
    """Carbon dioxide in the biomass that was felled, roots included.

        Q = V BCEF (1 + R) CF K

    V volume of the wood, BCEF its conversion and expansion to biomass above ground, R roots per shoots, CF carbon
    fraction, K 44/12.

    94.616 m³ at 0.83 t/m³, roots 0.29, 0.47: 174.5829 t CO2.
    """
    return felled_volume * bcef_removal * (1 + root_shoot) * carbon_fraction * co2_per_carbon


@equation(
    sink_density="t*carbon/(hm^2*year)",
    area="hm^2",
    recovery="year",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=LOSS,
)
def forgone_sink(sink_density, area, recovery, co2_per_carbon):
    """The sink that is lost where nothing grows until all has recovered.

        Q = s A T K

    s yearly sink of the area, T years of recovery, K 44/12.

    1.41 t C/(hm² a) on 1.384 hm² for 5 years: 35.7764 t CO2.
    """
    return sink_density * area * recovery * co2_per_carbon


@equation(
    sink_density="t*carbon/(hm^2*year)",
    area="hm^2",
    recovery="year",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=LOSS,
)
def forgone_sink_linear(sink_density, area, recovery, co2_per_carbon):
    """The sink that is lost where it comes back evenly over the years of recovery.

        Q = s A T K / 2

    1.41 t C/(hm² a) on 2 hm² over 20 years: 103.4 t CO2.
    """
    return forgone_sink(sink_density, area, recovery, co2_per_carbon) / 2


@equation(
    soil_density="t*carbon/hm^2",
    area="hm^2",
    soil_share_lost="1",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source="Loss of soil carbon where the ground was opened",
)
def lost_soil_carbon(soil_density, area, soil_share_lost, co2_per_carbon):
    """Carbon dioxide of the soil that was lost where the ground was opened.

        Q = D A f K

    D carbon of the soil, f share of it that is lost, K 44/12.

    80 t C/hm² on 2 hm², 0.1 of it: 58.667 t CO2.
    """
    return soil_density * area * soil_share_lost * co2_per_carbon


@equation(lost_carbon_dioxide="t*CO2", margin="1", buffer_share="1", returns="t*CO2", source="Loss over what lasts")
def credits_to_buy(lost_carbon_dioxide, margin, buffer_share):
    """Credits that make up for a loss, before they are rounded up to whole tonnes.

        Q' = Q (1 + m) / (1 - b)

    m margin of safety, b share of credits that may not last.

    210.36 t CO2 with a margin of 0.1 and a buffer of 0.2: 289.245 t CO2.
    """
    return lost_carbon_dioxide * (1 + margin) / (1 - buffer_share)


@equation(
    yearly_loss="CNY/year",
    lost_share="1",
    discount_rate="1/year",
    delivery="year",
    payment_interval="year",
    returns="CNY",
    source=LOSS,
    points={"discount_rate": (0, 0.02, 0.1)},
)
def discounted_loss(yearly_loss, lost_share, discount_rate, delivery, payment_interval):
    """What services that are lost in one of the years of recovery are worth now, paid at the end of that year.

        V = F w d / (1 + r d)^(n/d)

    F loss of a year in which all is lost, w share of it that is lost in this one, r discount rate, n years from now to
    its end, d length of a year of account.

    1000 CNY a year, of which 0.75 are lost in the first year, at 0.1 a year: 681.82 CNY.
    """
    return (
        yearly_loss
        * lost_share
        * payment_interval
        / (1 + discount_rate * payment_interval) ** (delivery / payment_interval)
    )


@equation(lost_carbon_dioxide="t*CO2", felled_volume="m^3", returns="t*CO2/m^3", source="Loss per volume felled")
def loss_per_volume(lost_carbon_dioxide, felled_volume):
    """Carbon dioxide lost per cubic metre that was felled: of biomass alone some 1.5 to 3 t.

        q = Q / V

    37.0173 t CO2 of 3.37 m³: 10.984 t/m³, which is more than biomass.
    """
    return lost_carbon_dioxide / felled_volume


@equation(value="CNY", cases="1", returns="CNY", source="Value over cases")
def award_per_case(value, cases):
    """What courts awarded in a mean case.

        V / n

    210000 CNY in 42 cases: 5000 CNY.
    """
    return value / cases
