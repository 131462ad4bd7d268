"""The account as SDMX-CSV 2.0 (SDMX 3.0, section 5): a line for each figure, with code lists beside it.

The key of a figure is its area, ecosystem type, land class, service, component and measure in a year. The structure is
`GEP:GEP_ACCOUNT(1.0)`; no registry holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from gep.account.account import Account
from gep.core.catalog import CATEGORIES, label, named
from gep.core.keys import CITY, NONE
from gep.core.messages import Text, listed, say
from gep.report.package.tables import Field, Resource, shown, write_csv
from gep.standards.classes import land_classes

STRUCTURE = "GEP:GEP_ACCOUNT(1.0)"
DIMENSIONS: Mapping[str, str] = {
    "REF_AREA": "area_code",
    "ECOSYSTEM_TYPE": "ecosystem_type",
    "LAND_CLASS": "land_class",
    "SERVICE": "service",
    "COMPONENT": "component",
    "MEASURE": "measure",
}
"""Dimensions, with the columns of the account that they are."""
ATTRIBUTES: Mapping[str, str] = {
    "UNIT_MEASURE": "unit",
    "OBS_STATUS": "obs_status",
    "CATEGORY": "category",
    "COUNTED": "counted",
    "PRICE_BASIS": "price_basis",
    "PRICE_CONCEPT": "price_concept",
    "SUPPLY_BASIS": "supply_basis",
    "ORIGIN": "origin",
    "DATA_COVERAGE": "data_coverage",
    "METHOD": "method_id",
    "CLAUSE": "profile_clause",
}


def sdmx_tables(account: Account, folder: Path) -> Iterator[Resource]:
    """The data and the code lists."""
    names = ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *ATTRIBUTES]
    numbers = {"OBS_VALUE", "DATA_COVERAGE"}
    fields = tuple(Field(name=name, type="number" if name in numbers else "string", title=name) for name in names)
    rows = list(account.rows())
    lines = []
    for row in rows:
        cells = {name: shown(value) for name, value in row.items()}
        key = [cells[column] for column in DIMENSIONS.values()]
        more = [cells[column] for column in ATTRIBUTES.values()]
        lines.append(["dataflow", STRUCTURE, "I", "A", *key, cells["year"], cells["value"], *more])
    yield write_csv(folder, Resource("sdmx/GEP_ACCOUNT.csv", say("package.sdmx"), fields), lines)
    for dimension, column in DIMENSIONS.items():
        codes = sorted({str(value) for row in rows for name, value in row.items() if name == column})
        classes = {(row["ecosystem_type"], row["land_class"]) for row in rows}
        yield _code_list(folder, dimension, {code: _name(account, dimension, code, classes) for code in codes})
    yield _code_list(folder, "CATEGORY", {code: named(code) for code in CATEGORIES})


def _name(account: Account, dimension: str, code: str, classes: Collection[tuple[str, str]]) -> Text:
    """What a code stands for. A class of land has the names that it has in the ecosystem types of the account."""
    if dimension == "MEASURE":
        return say(f"study.labels.measure.{code}")
    if dimension == "LAND_CLASS" and code != NONE:
        of = [known for pair, known in land_classes().items() if pair in classes and pair[1] == code]
        return listed(dict.fromkeys(Text(known.label_en, known.label_zh) for known in of)) if of else Text(code, code)
    if dimension == "REF_AREA" and code != CITY:
        name = Text(account.zone_name(code, "en"), account.zone_name(code, "zh"))
        return name if name != code else Text(label(code, "en"), label(code, "zh"))
    return named(code)


def _code_list(folder: Path, dimension: str, codes: Mapping[str, Text]) -> Resource:
    fields = tuple(Field(name=name, type="string", title=name) for name in ("code", "name_zh", "name_en"))
    resource = Resource(f"sdmx/CL_{dimension}.csv", say("package.code_list", name=dimension), fields)
    return write_csv(
        folder, resource, ([shown(code), shown(name.zh), shown(str(name))] for code, name in codes.items())
    )
