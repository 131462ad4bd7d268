"""Synthetic pastures, herds, feed and policies of the sample city: no place, no measurement, no statistic. Numbers are
round, chosen so that one county is in balance, one overgrazed, one in balance only with feed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gep.inputs.assets import GrazingSection

_YIELD = "kg*dry_matter/(hm2*year)"
_PASTURES = f"""zone,steppe,season,area [hm2],forage_yield [{_YIELD}],edible_share [%],grazing_days [day/year],\
mean_yield [{_YIELD}],note
{{0}},temperate_meadow_steppe,warm_season,600,900,80,150,850,synthetic
{{0}},temperate_meadow_steppe,cold_season,500,900,80,215,850,synthetic
{{1}},temperate_steppe,warm_season,900,600,85,150,620,synthetic
{{1}},temperate_steppe,cold_season,700,600,85,215,620,synthetic
{{2}},temperate_steppe,whole_year,1000,550,85,365,560,synthetic
"""
_HERDS = """zone,animal,heads [head],grazing_days [day/year],note
{0},sheep,300,,synthetic
{0},cattle,60,,synthetic
{1},sheep,600,,synthetic
{1},goat,200,,synthetic
{2},sheep,250,,synthetic
{2},cattle,25,,synthetic
"""
_FEED = """zone,feed,mass [t*dry_matter/year],feed_use [%],note
{0},hay,0,90,synthetic
{1},hay,0,90,synthetic
{2},maize straw,150,90,synthetic
"""
_POLICY = """zone,policy,area [mu],area_per_sheep_unit [mu/sheep_unit],season,note
{0},in_balance,9000,14,warm_season,synthetic
{1},in_balance,13000,22,warm_season,synthetic
{1},grazing_ban,2000,,,synthetic
"""


def sample(folder: Path, zones: Sequence[str]) -> GrazingSection:
    """Write the tables for the first three zones into a folder; the section that names them."""
    for name, text in (("pastures", _PASTURES), ("herds", _HERDS), ("feed", _FEED), ("policy", _POLICY)):
        lines = text.format(*zones[:3]).replace("[mu", "[chinese_mu")
        (folder / f"{name}.csv").write_text(lines, encoding="utf-8")
    return GrazingSection(
        pastures="pastures.csv",
        herds="herds.csv",
        feed="feed.csv",
        policy="policy.csv",
        sheep_units="ministry",
        region="nyt_635,inner_mongolia",
    )
