"""The yearly sink as a table of statistics, from which carbon sequestration of GEP takes its quantity: in place of the
profile's own equation, never beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gep.assets.carbon.balance import Balance
from gep.assets.carbon.sheets import is_told, sink_of
from gep.assets.context import Context
from gep.core.errors import InputError, problem
from gep.core.messages import say
from gep.inputs.assets import CarbonSection
from gep.inputs.project import PROJECT
from gep.standards.profile import load_profile
from gep.standards.rules import settings_of

if TYPE_CHECKING:
    from gep.assets.parameters import Parameters

SERVICE, SWITCH, INVENTORY = "carbon_sequestration", "carbon", "inventory"
ITEM = "carbon_sink"
FILE = "carbon_sink_for_gep.csv"
COLUMNS = ("zone", "item", "measure", "value", "unit", "year", "source")


def stop_on_both(context: Context, section: CarbonSection) -> None:
    """Raises InputError (K17) where project and profile do not say the same of where the sink of GEP comes from."""
    project = context.project
    rule = load_profile(project.study.profile).rules.get(SERVICE)
    option = settings_of(SERVICE, rule, project.methods)[SWITCH]
    if (option == INVENTORY) != (section.feeds == SERVICE):
        key = "own" if section.feeds else "inventory"
        found = problem(f"carbon.K17.{key}", SERVICE, place=PROJECT, found=f"{SERVICE}.{SWITCH} = {option}")
        raise InputError(say("assets.wrong_tables"), [found])


def sink_rows(
    balances: Sequence[Balance], parameters: Parameters, year: int, source: str
) -> list[tuple[str, str, str, str, str, int, str]]:
    """The sink of the period that a year lies in, by zone and ecosystem, as rows of statistics."""
    groups: dict[tuple[str, str], list[Balance]] = {}
    for balance in balances:
        if balance.period.opening < year <= balance.period.closing and is_told(balance):
            groups.setdefault((balance.key[0], balance.key[1]), []).append(balance)
    rows = []
    for (zone, ecosystem), group in groups.items():
        _, sink = sink_of(group, parameters)
        rows.append((zone, f"{ITEM}/{ecosystem}", "quantity", repr(sink.value), sink.unit, year, source))
    return rows


def write_sink(
    balances: Sequence[Balance], parameters: Parameters, years: Sequence[int], source: str, folder: Path
) -> Path:
    """Write the table. Raises InputError (K17) where no period holds an accounting year."""
    of_years = {year: sink_rows(balances, parameters, year, source) for year in years}
    rows = [row for of_year in of_years.values() for row in of_year]
    if lacking := [str(year) for year, of_year in of_years.items() if not of_year]:
        found = problem("carbon.K17.no_year", SERVICE, place=PROJECT, found=", ".join(lacking))
        raise InputError(say("assets.wrong_tables"), [found])
    path = folder / FILE
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path
