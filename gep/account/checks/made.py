"""What checks of an account look at: its figures, and what they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gep.account.basis import ServiceFigures
from gep.account.figures import Figures
from gep.inputs.open import Inputs
from gep.plan.planner import StudyPlan


@dataclass(frozen=True)
class Made:
    """An account as its checks see it."""

    account: Figures
    inputs: Inputs
    study_plan: StudyPlan
    service_figures: Sequence[ServiceFigures]
