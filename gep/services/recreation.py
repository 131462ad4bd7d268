"""Local recreation (休闲游憩): visits of residents to parks and green space, which cost no travel."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

RECALLED = (
    "Specification of 2022 (its text was not at hand); share of the wage: doi 10.5846/stxb201410091984, section 2.3.1"
)


@equation(recreation_time="h/visit", wage="CNY/h", time_value_share="1", returns="CNY/visit", source=RECALLED)
def time_of_resident(recreation_time, wage, time_value_share):
    """What a visit is worth by the time that a resident spends on it, at a share of the wage.

        p = t w s

    t hours of a visit, w wage, s share of the wage at which such time counts.

    1.5 h at 40 CNY/h, share 0.3: 18 CNY.
    """
    return recreation_time * wage * time_value_share


@equation(recreation_visits="visit/year", visit_value="CNY/visit", returns="CNY/year", source=RECALLED)
def recreation_value(recreation_visits, visit_value):
    """Value of residents' recreation in nature.

        V = N p

    N visits of residents, p value of one. Tourists are not among them: they are counted as tourism.

    2 000 000 visits at 18 CNY: 36 000 000 CNY.
    """
    return recreation_visits * visit_value


def _components(switches: Switches) -> tuple[Component, ...]:
    return (
        ReportedComponent(
            "recreation_visits",
            "recreation_visits",
            "visit/year",
            "recreation_visits",
            money=Money(
                recreation_value, "visit_value", time_of_resident if switches["visit_price"] == "time" else None
            ),
        ),
    )


RECREATION = Service(
    id="recreation",
    switches={
        "visit_price": Switch(
            ("reported", "time"),
            "the value of a visit: as the study gives it, like the price of a paid park, or the time at a share "
            "of the wage",
        )
    },
    components=_components,
)
