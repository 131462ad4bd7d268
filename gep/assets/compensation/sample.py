"""A synthetic damage of the sample city: no case, no court. Numbers are round."""

from __future__ import annotations

from pathlib import Path

from gep.inputs.assets import CompensationSection

_DAMAGES = """case,court,date,parcel,area [hm2],felled_volume [m3],bcef_removal [t*dry_matter/m3],root_shoot,\
carbon_fraction [t*carbon/(t*dry_matter)],sink_density [t*carbon/(hm2*year)],recovery [year],recovery_course,\
yearly_loss [CNY/year],yearly_carbon_loss [CNY/year],discount_rate [1/year],credit_price [CNY/(t*CO2)],source
Case 1,Court of county A,2020-05-01,A-7,1.5,90,0.85,0.25,0.47,1.4,20,linear,12000,1500,0.03,50,synthetic
"""
_DECISIONS = """court,year,cases,credits [t*CO2],value [CNY],bound,source
Court of county A,2019,3,400,20000,,synthetic
Court of county A,2020,5,,30000,at_least,synthetic
"""


def sample(folder: Path) -> CompensationSection:
    """Write the tables into a folder; the section that names them."""
    (folder / "damages.csv").write_text(_DAMAGES, encoding="utf-8")
    (folder / "decisions.csv").write_text(_DECISIONS, encoding="utf-8")
    return CompensationSection(damages="damages.csv", decisions="decisions.csv")
