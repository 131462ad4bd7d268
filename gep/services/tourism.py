"""Tourism and health (旅游康养): visits to nature, at what visitors spend in money and time to make them."""

from __future__ import annotations

from gep.core.catalog import Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import Equation, equation

TRAVEL = "Travel cost method: doi 10.5846/stxb201410091984, section 2.3.1"
GARZE = "Value per visit of one account: doi 10.5846/stxb201607011362, section 3.3"


@equation(travel_time="h/visit", wage="CNY/h", time_value_share="1", returns="CNY/visit", source=TRAVEL)
def cost_of_time(travel_time, wage, time_value_share):
    """What the time of a visit costs, at a share of the wage.

        c = t w s

    t hours that a visit takes with the travel, w wage, s share of the wage at which such time counts.

    20 h at 40 CNY/h, share 0.3: 240 CNY.
    """
    return travel_time * wage * time_value_share


@equation(travel_cost="CNY/visit", time_cost="CNY/visit", ecosystem_share="1", returns="CNY/visit", source=TRAVEL)
def cost_of_visit(travel_cost, time_cost, ecosystem_share):
    """What a visit costs in money and time, as far as it is owed to ecosystems.

        p = (TE + TV) s

    TE travel expenditure, TV cost of time, s share of the visit that is owed to ecosystems. No consumer surplus: an
    exchange value.

    52.47 and 343.33 CNY, share 1: 395.80 CNY.
    """
    return (travel_cost + time_cost) * ecosystem_share


@equation(
    travel_cost="CNY/visit",
    time_cost="CNY/visit",
    consumer_surplus="CNY/visit",
    ecosystem_share="1",
    returns="CNY/visit",
    source=TRAVEL,
)
def worth_of_visit(travel_cost, time_cost, consumer_surplus, ecosystem_share):
    """What a visit is worth to the visitor: cost in money and time, and the consumer surplus above it.

        p = (TE + TV + CS) s

    CS consumer surplus. No exchange value: it cannot stand beside national accounts.

    52.47, 343.33 and 578.03 CNY, share 1: 973.83 CNY.
    """
    return (travel_cost + time_cost + consumer_surplus) * ecosystem_share


@equation(
    travel_cost="CNY/visit",
    travel_time="h/visit",
    wage="CNY/h",
    time_value_share="1",
    ecosystem_share="1",
    returns="CNY/visit",
    source=TRAVEL,
)
def cost_of_visit_by_wage(travel_cost, travel_time, wage, time_value_share, ecosystem_share):
    """What a visit costs in money and time, the time at a share of the wage.

        p = (TE + t w s_t) s

    TE travel expenditure, t hours, w wage, s_t share of the wage at which time counts, s share that is owed to
    ecosystems.

    52.47 CNY, 20 h at 40 CNY/h, share 0.3, all owed to ecosystems: 292.47 CNY.
    """
    return cost_of_visit(travel_cost, cost_of_time(travel_time, wage, time_value_share), ecosystem_share)


@equation(
    travel_cost="CNY/visit",
    travel_time="h/visit",
    wage="CNY/h",
    time_value_share="1",
    consumer_surplus="CNY/visit",
    ecosystem_share="1",
    returns="CNY/visit",
    source=TRAVEL,
)
def worth_of_visit_by_wage(travel_cost, travel_time, wage, time_value_share, consumer_surplus, ecosystem_share):
    """What a visit is worth to the visitor with its consumer surplus, the time at a share of the wage.

        p = (TE + t w s_t + CS) s

    52.47 CNY, 20 h at 40 CNY/h, share 0.3, surplus 578.03 CNY, all owed to ecosystems: 870.50 CNY.
    """
    return worth_of_visit(
        travel_cost, cost_of_time(travel_time, wage, time_value_share), consumer_surplus, ecosystem_share
    )


@equation(visits="visit/year", visit_price="CNY/visit", returns="CNY/year", source=f"{TRAVEL}; {GARZE}")
def visits_value(visits, visit_price):
    """Value of the visits of a year.

        V = N p

    N visits, p what a visit costs or is worth.

    1 350 000 visits at 395.80 CNY: 534 330 000 CNY.
    """
    return visits * visit_price


_PRICING: dict[tuple[str, str], Equation] = {
    ("off", "reported"): cost_of_visit,
    ("off", "wage"): cost_of_visit_by_wage,
    ("on", "reported"): worth_of_visit,
    ("on", "wage"): worth_of_visit_by_wage,
}


def _components(switches: Switches) -> tuple[Component, ...]:
    by_travel_cost = switches["method"] == "travel_cost"
    pricing = _PRICING[switches["consumer_surplus"], switches["time_cost"]] if by_travel_cost else None
    return (
        ReportedComponent(
            "visits",
            "visits",
            "visit/year",
            "visits",
            per="feature" if switches["origins"] == "apart" else "zone",
            money=Money(visits_value, "visit_price", pricing, "travel_cost"),
        ),
    )


TOURISM = Service(
    id="tourism",
    switches={
        "method": Switch(
            ("travel_cost", "per_visit"),
            "the price of a visit: its costs in the study's own tables, or a value per visit of a published account",
        ),
        "consumer_surplus": Switch(
            ("off", "on"),
            "whether the surplus of visitors above their costs counts; with it the value is no exchange value",
        ),
        "time_cost": Switch(
            ("reported", "wage"), "the cost of a visitor's time: as reported, or hours at a share of the wage"
        ),
        "origins": Switch(
            ("together", "apart"),
            "whether all visits of a zone have one cost, or each origin or site (`visits/<name>`) has its own",
        ),
    },
    components=_components,
)
