"""The sections of a project file on accounts beside GEP (`[assets.carbon]`, …): which tables they are made of, and the
switches of their methods. Paths are relative to the project file.
"""

from __future__ import annotations

from pydantic import Field

from gep.inputs.schema import Section


class AccountSection(Section):
    """What every account beside GEP may be given."""

    parameters: str = Field(
        default="", description="CSV with rows of one's own, each with its source; they replace the shipped ones."
    )


class CarbonSection(AccountSection):
    """Stocks of carbon and the yearly sink."""


class GrazingSection(AccountSection):
    """What grassland can feed, and what grazes on it."""


class RestorationSection(AccountSection):
    """What projects of restoration did."""


class ConditionSection(AccountSection):
    """Extent, condition and worth of ecosystems as assets."""


class AssetsTable(Section):
    """Accounts beside GEP. None of them is added to it."""

    carbon: CarbonSection | None = None
    grazing: GrazingSection | None = None
    restoration: RestorationSection | None = None
    condition: ConditionSection | None = None
