"""Quality of ecosystems: the index of relative densities (HJ 1172-2021), land by quality class, and the ecosystem asset
index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gep.assets.condition.tables import GRADES
from gep.assets.condition.variables import Asset
from gep.assets.figures import Figure, made, total
from gep.assets.kinds import kind_of, unknown_kind
from gep.assets.parameters import Parameters
from gep.assets.tables import Row
from gep.core.errors import Problem, problem
from gep.stocks.condition import asset_index_part, weighted_part

Denominator = Literal["own", "total"]

REFERENCES = ("year", "fixed")


@dataclass(frozen=True)
class Quality:
    """The quality index of a class in a year, and whether years can be compared by it."""

    asset: Asset
    year: int
    index: Figure
    grade: str
    is_fixed: bool


def qualities_of(rows: Sequence[Row], parameters: Parameters) -> tuple[list[Quality], list[Problem]]:
    """The indices of a table of relative densities, and everything that is wrong with it."""
    found: list[Quality] = []
    problems: list[Problem] = []
    seen: dict[tuple[Asset, int], Row] = {}
    for row in rows:
        asset, year = (row.text("zone"), row.text("ecosystem")), row.whole("year") or 0
        reference = kind_of(row.text("reference"), REFERENCES)
        if not reference:
            problems.append(unknown_kind("reference", row.text("reference"), REFERENCES, row.place))
            continue
        if (asset, year) in seen:
            problems.append(problem("condition.K62.twice", asset[1], place=row.place, first=seen[asset, year].place))
            continue
        seen[asset, year] = row
        index = quality_index(row.figure("leaf_area"), row.figure("cover"), row.figure("gpp"), parameters)
        grade = grade_of(index, "quality_limit", parameters)
        found.append(Quality(asset, year, index, grade, reference == "fixed"))
    years: dict[Asset, set[int]] = {}
    for quality in found:
        if not quality.is_fixed:
            years.setdefault(quality.asset, set()).add(quality.year)
    problems += [
        problem("condition.K65.not_comparable", " / ".join(part for part in asset if part))
        for asset, several in years.items()
        if len(several) > 1
    ]
    return found, problems


def quality_index(leaf_area: Figure, cover: Figure, gpp: Figure, parameters: Parameters) -> Figure:
    """The mean of the three relative densities (HJ 1172-2021): each has the weight of the standard."""
    weight = parameters.find("quality_weight")
    parts = [made(weighted_part, index_part=part, part_weight=weight) for part in (leaf_area, cover, gpp)]
    return total(parts, "1")


def grade_of(index: Figure, limit: str, parameters: Parameters) -> str:
    """The highest grade whose limit an index reaches."""
    for grade in GRADES:
        if index.value >= parameters.find(limit, of=grade, region="china").to("1"):
            return grade
    return GRADES[-1]


@dataclass(frozen=True)
class Graded:
    """Land of an ecosystem by grade at both ends."""

    asset: Asset
    opening: Mapping[str, Figure]
    closing: Mapping[str, Figure]


def graded_of(rows: Sequence[Row]) -> tuple[list[Graded], list[Problem]]:
    """Land by grade, and everything that is wrong with its table."""
    ends: dict[str, dict[Asset, dict[str, Figure]]] = {"opening": {}, "closing": {}}
    problems: list[Problem] = []
    seen: dict[tuple[Asset, str], Row] = {}
    for row in rows:
        asset, grade = (row.text("zone"), row.text("ecosystem")), kind_of(row.text("grade"), GRADES)
        if not grade:
            problems.append(unknown_kind("grade", row.text("grade"), GRADES, row.place))
        elif (asset, grade) in seen:
            problems.append(problem("condition.K62.twice", asset[1], place=row.place, first=seen[asset, grade].place))
        else:
            seen[asset, grade] = row
            for end, by_asset in ends.items():
                by_asset.setdefault(asset, {})[grade] = row.figure(f"{end}_area")
    return [Graded(asset, ends["opening"][asset], ends["closing"][asset]) for asset in ends["opening"]], problems


def area_of(land: Mapping[str, Figure]) -> Figure:
    """The area of all grades."""
    return total(list(land.values()), "km^2")


def asset_index(land: Mapping[str, Figure], whole: Figure, parameters: Parameters) -> Figure | None:
    """The ecosystem asset index of land by grade, beside an area: its own, or that of all ecosystems, and then indices
    add up. None without land.
    """
    if not whole.value:
        return None
    best = parameters.find("quality_score", of=GRADES[0], region="china")
    parts = [
        made(
            asset_index_part,
            graded_area=area,
            quality_score=parameters.find("quality_score", of=grade, region="china"),
            best_score=best,
            index_area=whole,
        )
        for grade, area in land.items()
    ]
    return total(parts, "1")
