"""The sections of a project file on accounts beside GEP (`[assets.carbon]`, …): which tables they are made of, and the
switches of their methods. Paths are relative to the project file.
"""

from __future__ import annotations

from typing import Literal

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

    pastures: str = Field(description="CSV or workbook of pastures: land, yield and use of each season.")
    herds: str = Field(description="CSV or workbook of herds: heads by animal.")
    feed: str = Field(default="", description="CSV or workbook of feed from elsewhere.")
    policy: str = Field(default="", description="CSV or workbook of land under a grazing ban or in balance.")
    sheep_units: str = Field(
        default="ministry",
        description="Whose table of sheep units holds: ministry, gansu, nyt_635, xilingol, or a region of own rows.",
    )
    count: Literal["mid_year", "end_of_year"] = Field(
        default="mid_year", description="When animals were counted: lambs are in the first only."
    )


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
