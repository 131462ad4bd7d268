"""Parcels (地块): what was taken up between two measurements, and how much of it a carbon ticket (碳票) may certify."""

from __future__ import annotations

from gep.core.equation import equation

TICKET = "Rules of carbon tickets; AR-TOOL14, section 8"


@equation(
    first_density="t*carbon/hm^2",
    last_density="t*carbon/hm^2",
    stratum_area="hm^2",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=TICKET,
)
def removal_of_parcel(first_density, last_density, stratum_area, co2_per_carbon):
    """What the trees of a parcel took out of the air between two measurements.

        R = 44/12 (D_2 - D_1) A

    The same pools, method and border at both times. 40 to 44 t/hm² on 100 hm²: 1466.67 t of CO2.
    """
    return (last_density - first_density) * stratum_area * co2_per_carbon


@equation(
    density_error="t*carbon/hm^2",
    stratum_area="hm^2",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=TICKET,
)
def half_width_of_removal(density_error, stratum_area, co2_per_carbon):
    """The half-width of a removal from that of the change of carbon per area.

        w = 44/12 e A

    2 t/hm² on 100 hm²: 733.33 t of CO2.
    """
    return density_error * stratum_area * co2_per_carbon


@equation(
    baseline_rate="t*carbon/(hm^2*year)",
    stratum_area="hm^2",
    period="year",
    co2_per_carbon="t*CO2/(t*carbon)",
    returns="t*CO2",
    source=TICKET,
)
def baseline_of_parcel(baseline_rate, stratum_area, period, co2_per_carbon):
    """What the parcel would have taken up anyway (switch `baseline = "area_mean_growth"`).

        B = 44/12 g A t

    g growth of forest of the area. 0.5 t/hm² on 100 hm² in 5 years: 916.67 t of CO2.
    """
    return baseline_rate * stratum_area * period * co2_per_carbon


@equation(
    removal="t*CO2",
    baseline="t*CO2",
    emissions="t*CO2",
    claimed="t*CO2",
    returns="t*CO2",
    source=TICKET,
)
def ticket_quantity(removal, baseline, emissions, claimed):
    """What a ticket may certify, before it is rounded down to whole tonnes.

        Q = R - B - E - claimed

    R removal, less the deduction for uncertainty, B baseline, E emissions of fire and machines, and what others have
    claimed of the same sink.

    1200 - 0 - 50 - 300: 850 t.
    """
    return removal - baseline - emissions - claimed


@equation(quantity="t*CO2", stratum_area="hm^2", period="year", returns="t*CO2/(hm^2*year)", source=TICKET)
def ticket_per_area(quantity, stratum_area, period):
    """What a ticket comes to per area and year.

        q = Q / (A t)

    12 723 t on 213.1 hm²: 59.7 t/hm² in a monitoring period; of 5 years 11.9 a year.
    """
    return quantity / stratum_area / period
