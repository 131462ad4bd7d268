"""Rules of scenarios as a project file has them."""

from __future__ import annotations

from pydantic import Field

from gep.inputs.schema import Section


class ScenarioTable(Section):
    """A rule of scenarios of the project's own: what land becomes (`gep scenario`). It changes no figure of a run."""

    en: str = Field(default="", description="What it is called in English.")
    zh: str = ""
    becomes: dict[str, str | list[str]] = Field(
        min_length=1,
        description='What classes become, by class, ecosystem or `any`: "grassland/meadow" = "grassland/steppe". Of '
        "several targets the first that the legend has.",
    )
