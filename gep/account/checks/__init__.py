"""What is to be said beside the figures of an account, and which figures no place has.

An account, its inputs and its plan come in; problems go out. Nothing is changed.

    made        what checks look at
    remarks     provisional rows, fallbacks, services that are missing or below zero
    indicators  value per head, per square kilometre and against GDP, quantities per area, more purified than emitted
    balance     oxygen beside carbon dioxide, cooling beside the electricity that is used
    since       statistics, land and figures against those of an earlier year
"""

from collections.abc import Sequence

from gep.account.basis import ServiceFigures
from gep.account.checks import balance, indicators, remarks, since
from gep.account.checks.made import Made
from gep.account.figures import Figures
from gep.account.last_year import LastYear
from gep.core.checks import Check
from gep.core.errors import Problem
from gep.inputs.open import Inputs
from gep.plan.planner import StudyPlan

CHECKS = (
    Check(remarks.provisional, ("P01",)),
    Check(remarks.derived, ("P03",)),
    Check(remarks.from_outside, ("E04",)),
    Check(remarks.fallbacks, ("C06",)),
    Check(remarks.below_zero, ("B04",)),
    Check(remarks.missing_services, ("O01",)),
    Check(indicators.values, ("O10", "O11")),
    Check(indicators.densities, ("O10", "O11")),
    Check(indicators.shares, ("O11",)),
    Check(indicators.more_than_emitted, ("B40",)),
    Check(balance.oxygen_beside_carbon, ("B42",)),
    Check(balance.cooling_beside_consumption, ("B43",)),
)

SINCE = (
    Check(since.comparable, ("O27", "O28")),
    Check(since.statistics, ("O25", "O26")),
    Check(since.rows, ("O26", "O27")),
    Check(since.land, ("L23",)),
)
"""What is compared with the account of an earlier year before there are figures."""

FIGURES_SINCE = (Check(since.figures, ("O25", "O26")), Check(since.services, ("O27",)))


def check_account(
    account: Figures, inputs: Inputs, study_plan: StudyPlan, service_figures: Sequence[ServiceFigures]
) -> list[Problem]:
    """Findings on the result itself; errors among them mean that it may not be written."""
    made = Made(account, inputs, study_plan, service_figures)
    return [found for check in CHECKS for found in check.find(made)]


def check_since(last: LastYear | None) -> list[Problem]:
    """What the tables and the land cover say beside the account of an earlier year; nothing where none is given."""
    return [found for check in SINCE for found in check.find(last)] if last else []


def check_figures_since(last: LastYear | None, account: Figures) -> list[Problem]:
    """What the figures say beside those of an earlier year; nothing where none is given."""
    return [found for check in FIGURES_SINCE for found in check.find(last, account)] if last else []
