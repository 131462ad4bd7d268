"""A study's densities as a lazy Dataset, with what it says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from gep.core.catalog import Measure
from gep.core.messages import Text, joined, say
from gep.engine.densities import densities_of
from gep.engine.drawn import maps_of
from gep.inputs.open import Inputs
from gep.plan.planner import StudyPlan

if TYPE_CHECKING:
    import xarray as xr


def densities_of_study(
    study_plan: StudyPlan, inputs: Inputs, services: Sequence[str] | None, measures: Sequence[Measure], chunk: int
) -> xr.Dataset:
    """What a plan draws, without overviews of several services; the reason of every service that is left out stands in
    the attribute `missing`, in Chinese in `missing_zh`.
    """
    maps = [made for made in maps_of(study_plan, inputs, measures, services, "") if "service" in made.tags]
    missing = joined(
        [
            say("plan.of_component", name=part.id, reason=part.detail)
            for part in study_plan.services
            if part.reason and (services is None or part.id in services)
        ],
        "\n",
    )
    spec, profile = inputs.spec, inputs.profile
    title = say("study.densities_of", name=Text(spec.name, spec.name_zh or spec.name), year=spec.year)
    about = {
        "title": str(title),
        "title_zh": title.zh,
        "year": str(spec.year),
        "profile": profile.id,
        "level": profile.level,
        "software": f"gep {version('gep')}",
        "missing": str(missing),
        "missing_zh": missing.zh,
    }
    return densities_of(study_plan.plan, maps, chunk, {key: text for key, text in about.items() if text})
