"""The arithmetic of services in the whole area and in each county, as a page shows it on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from gep.core.keys import CITY
from gep.core.messages import Text, in_language
from gep.core.unit_names import unit_text
from gep.report.tables.facts import Facts
from gep.report.tables.model import number_text

Words = dict[str, str]
"""A text by language."""


class Formula(TypedDict):
    """An equation in words, symbols and its source."""

    summary: Words
    formula: str
    source: Words


class Line(TypedDict):
    """A line of arithmetic that anyone can compute again."""

    line: str
    result: str
    unit: Words


class ServiceExplanation(TypedDict):
    """How a service is computed, and with which numbers in each zone."""

    formulas: list[Formula]
    zones: dict[str, list[Line]]


MOST_LETTERS = 1_200_000
"""Letters of arithmetic in a page. A county takes some 15,000 for twenty services; beyond this the page keeps the
formulas and the whole area, and counties are explained by `gep explain`.
"""


def explanations(facts: Facts) -> dict[str, ServiceExplanation]:
    """By service; nothing for an account of given quantities."""
    if not facts.account.has_ledger:
        return {}
    found = {service: _of_service(facts, service) for service in facts.services if facts.components(service)}
    if sum(_letters(of_service) for of_service in found.values()) > MOST_LETTERS:
        for of_service in found.values():
            of_service["zones"] = {CITY: of_service["zones"][CITY]}
    return found


def _of_service(facts: Facts, service: str) -> ServiceExplanation:
    formulas: list[Formula] = []
    zones: dict[str, list[Line]] = {}
    for zone in facts.zones_of(service):
        explanation = facts.account.explain(service, zone)
        zones[zone] = [
            {
                "line": line["expression"],
                "result": number_text(line["result"], None, "en") if line["result"] is not None else "",
                "unit": words(unit_text(line["unit"])),
            }
            for line in explanation["recompute"]
        ]
        if zone == CITY:
            formulas = [_formula(formula) for formula in explanation["formula"]]
    return {"formulas": formulas, "zones": zones}


def _formula(formula: Mapping[str, object]) -> Formula:
    return {
        "summary": words(_text(formula["summary"])),
        "formula": _text(formula["formula"]),
        "source": words(_text(formula["source"])),
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value)


def words(text: str | Text) -> Words:
    """A text by language."""
    return {language: in_language(text, language) for language in ("zh", "en")}


def _letters(of_service: ServiceExplanation) -> int:
    return sum(len(line["line"]) for lines in of_service["zones"].values() for line in lines)
