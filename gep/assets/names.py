"""Zones of accounts by code and name, where the project has a file of zones that tells names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gep.assets.account import AssetAccount, AssetTable, Line
from gep.assets.context import Context
from gep.core.messages import Text
from gep.inputs.grids.polygons import names_of_zones

ZONE = "zone"
"""The label whose words are codes of zones."""


def with_zone_names(accounts: list[AssetAccount], context: Context) -> list[AssetAccount]:
    """The accounts with names beside the codes of zones. Rows are asked for as before: by key, or by their codes."""
    zones = context.project.zones
    if zones is None or not any(ZONE in line.labels for of in accounts for table in of.tables for line in table.lines):
        return accounts
    columns = {"": zones.name, "en": zones.name_en, "zh": zones.name_zh}
    names = names_of_zones(context.path(zones.path), zones.layer, zones.code, columns)
    if not names:
        return accounts
    return [replace(of, tables=tuple(_table(table, names) for table in of.tables)) for of in accounts]


def _table(table: AssetTable, names: Mapping[str, Text]) -> AssetTable:
    return replace(table, lines=tuple(_line(line, names) for line in table.lines))


def _line(line: Line, names: Mapping[str, Text]) -> Line:
    code = line.labels.get(ZONE)
    name = names.get(str(code)) if code is not None else None
    if name is None:
        return line
    said = Text(f"{code} {name}", f"{code} {name.zh}")
    return replace(line, labels={**line.labels, ZONE: said}, key=line.id)
