"""Education and research (科研教育): visits for learning, or land that serves research."""

from __future__ import annotations

from gep.core.catalog import CellComponent, Component, Money, ReportedComponent, Service, Switch, Switches
from gep.core.equation import equation

WETLANDS = "Unit values and expenditure as used in wetland studies: doi 10.5846/stxb201608301763"


@equation(education_visits="visit/year", education_visit_value="CNY/visit", returns="CNY/year", source=WETLANDS)
def education_value(education_visits, education_visit_value):
    """Value of visits to nature for education and research, at what is spent on one.

        V = N p

    N visits, p expenditure per visit, both of the study.

    30 000 visits at 60 CNY: 1 800 000 CNY.
    """
    return education_visits * education_visit_value


@equation(research_share="1", returns="1", source=WETLANDS)
def researched_area(research_share):
    """Area that serves education and research.

        a = s

    s share of the land that serves: all of it where nothing is said.

    366 km² of wetland, all of it: 36 600 hm².
    """
    return research_share


@equation(research_area="hm^2", research_value="CNY/(hm^2*year)", returns="CNY/year", source=WETLANDS)
def research_area_value(research_area, research_value):
    """Value of land for education and research, at a yearly value per area.

        V = A p

    A area that serves, p value per area: an input of the study.

    36 600 hm² at 100 CNY/hm²: 3 660 000 CNY.
    """
    return research_area * research_value


def _components(switches: Switches) -> tuple[Component, ...]:
    if switches["method"] == "area":
        return (
            CellComponent(
                "research_area",
                "research_area",
                "hm^2",
                researched_area,
                money=Money(research_area_value, "research_value", concept="transfer"),
            ),
        )
    return (
        ReportedComponent(
            "education_visits",
            "education_visits",
            "visit/year",
            "education_visits",
            money=Money(education_value, "education_visit_value", concept="market"),
        ),
    )


EDUCATION = Service(
    id="education",
    switches={
        "method": Switch(
            ("visits", "area"), "what is counted: visits for learning, or the area that serves education and research"
        )
    },
    components=_components,
)
