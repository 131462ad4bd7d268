"""Synthetic condition, quality, changes and worth of the sample city: no place, no measurement. Closing areas are those
of its land cover, to a hundredth of a km2; the other numbers are round.
"""

from __future__ import annotations

from pathlib import Path

from gep.inputs.assets import ConditionSection

_TABLES = {
    "variables": """ecosystem,condition_class,variable,variable_unit,opening,closing,reference_low,reference_high,\
weight,area [km2],note
forest,structure,canopy cover,percent,60,64,0,80,0.5,73.51,synthetic
forest,function,net primary production,g*carbon/(m2*year),400,420,0,800,0.25,73.51,synthetic
forest,chemical,soil acidity loss,percent,30,25,100,0,0.25,73.51,synthetic
grassland,structure,plant cover,percent,45,50,10,90,1,26.56,synthetic
""",
    "quality": """ecosystem,grade,opening_area [km2],closing_area [km2],note
forest,excellent,22,26,synthetic
forest,good,29,29.51,synthetic
forest,medium,21.6,18,synthetic
grassland,good,9,11.56,synthetic
grassland,medium,11,10,synthetic
grassland,low,7.16,5,synthetic
""",
    "transitions": """from_type,to_type,area [km2],note
forest,forest,72.01,synthetic
forest,grassland,0.59,synthetic
shrub,shrub,13.44,synthetic
grassland,grassland,25.66,synthetic
grassland,forest,1.5,synthetic
wetland,wetland,14.34,synthetic
cropland,cropland,71.97,synthetic
cropland,grassland,0.31,synthetic
urban,urban,13.55,synthetic
desert,desert,20.2,synthetic
other,other,1.47,synthetic
""",
    "worth": """ecosystem,service,opening_flow [1e4*CNY/year],closing_flow [1e4*CNY/year],\
closing_flow_at_opening_prices [1e4*CNY/year],conversions [1e4*CNY/year],discount_rate [%/year],asset_life [year],note
forest,water retention,1000,1100,1040,10,4,100,synthetic
grassland,water retention,600,620,590,-10,4,100,synthetic
""",
}


def sample(folder: Path) -> ConditionSection:
    """Write the tables into a folder; the section that names them."""
    for name, text in _TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return ConditionSection(
        variables="variables.csv",
        quality="quality.csv",
        transitions="transitions.csv",
        worth="worth.csv",
        years=5,
    )
