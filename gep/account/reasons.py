"""Why a figure is empty, or does not count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from gep.account.entries import Entry
from gep.account.figures import Figures
from gep.account.names import cell_named, zone_named
from gep.account.part import Part, figure_of
from gep.account.record import ServiceRecord
from gep.account.steps import Worked
from gep.core.catalog import named
from gep.core.keys import CITY, NONE, UNALLOCATED, MatrixCell
from gep.core.messages import Text, say
from gep.core.translation import translated
from gep.standards.classes import parents


class Reason(TypedDict):
    """The reason that a figure is empty: an id for programs, and what there is to say."""

    reason: str
    detail: str


def why_empty(account: Figures, service: str, zone: str, ecosystem: str, entries: Sequence[Entry] = ()) -> Reason:
    """The reason that a figure of an account is empty."""
    about = account.ledger["services"].get(service)
    if about is None or not about["is_applicable"] or about["reason"] in ("off", "no_equation"):
        return _of_profile(account, service, about)
    missing = next((m for m in account.about.missing if m.service == service), None)
    name, place, profile = named(service), zone_named(account, zone), account.about.profile
    if ecosystem and not _occurs(account, zone, ecosystem):
        return _because("does_not_occur", say("explanation.why.none_there", what=cell_named(ecosystem), zone=place))
    cells = _cells(about)
    if ecosystem and not _counts(ecosystem, cells):
        others = [cell_named(cell) for cell in cells]
        asked = cell_named(ecosystem)
        said = say("explanation.why.not_counted", profile=profile, service=name, cells=others, ecosystem=asked)
        return _because("not_counted", said)
    if entries and missing is None:
        return _because("no_figure", say("explanation.why.no_number"))
    if zone == UNALLOCATED and not missing:
        return _because("no_figure", say("explanation.why.in_no_zone"))
    wanted = [cell for cell in cells if not ecosystem or _counts(ecosystem, [cell])]
    there = [cell for cell in wanted if _occurs(account, zone, cell)]
    if not there:
        said = say("explanation.why.no_land", service=name, cells=[cell_named(cell) for cell in wanted], zone=place)
        return _because("does_not_occur", said)
    supplied = [cell for cell in there if cell in about["if_supplied"] and cell not in about["counts"]]
    if supplied and len(supplied) == len(there):
        said = say("explanation.why.not_supplied", cells=[cell_named(cell) for cell in supplied])
        return _because("not_supplied", said)
    if missing:
        return _because(missing.reason, missing.detail)
    elsewhere = sorted({of.zone for of in account.flows if of.service == service})
    key = "explanation.why.reported_elsewhere" if elsewhere else "explanation.why.not_reported"
    return _because("nothing_reported", say(key, zone=place, elsewhere=elsewhere))


def _because(reason: str, detail: str) -> Reason:
    return {"reason": reason, "detail": detail}


def _of_profile(account: Figures, service: str, about: ServiceRecord | None) -> Reason:
    """The reason where the profile, or what the study says of it, leaves the service out."""
    if about is None:
        said = say("explanation.why.not_in_profile", profile=account.about.profile, service=named(service))
        return _because("not_in_profile", said)
    if not about["is_applicable"]:
        return _because("not_applicable", say("explanation.why.not_applicable", detail=about["detail"]))
    return _because(str(about["reason"]), translated(about["detail"]))


def _cells(about: ServiceRecord) -> list[str]:
    """The cells of the matrix that may count for a service or for one of its components."""
    of_all = [*about["counts"], *about["if_supplied"]]
    of_components = [cell for c in about["components"].values() for cell in (*c["counts"], *c["if_supplied"])]
    return list(dict.fromkeys(of_components or of_all))


def _counts(ecosystem: str, cells: Iterable[str]) -> bool:
    name, land_class = MatrixCell(ecosystem).pair
    wider = {name, *(f"{name}/{c}" for c in (land_class, *parents(name, land_class)) if c)}
    return any(cell in wider or (not land_class and MatrixCell(cell).ecosystem == name) for cell in cells)


def _occurs(account: Figures, zone: str, cell: str) -> bool:
    """Whether a zone has land of a cell of the matrix, or of a class within it."""
    name, land_class = MatrixCell(cell).pair
    for (code, ecosystem, own), area in account.areas().items():
        if zone in (CITY, code) and ecosystem == name and area > 0:
            own_name = "" if own == NONE else own
            if land_class in ("", own_name, *parents(ecosystem, own_name)):
                return True
    return False


def why_step_empty(part: Part, step: Worked) -> str:
    """Why one figure is empty or does not count; nothing where it does."""
    if part.first.is_stock:
        return "" if part.quantity is not None or step["kind"] != "cells" else _why_no_cell(part)
    if not part.first.is_counted:
        return say("explanation.step.no_limit")
    if part.quantity is None and step["kind"] == "cells":
        return _why_no_cell(part)
    if part.quantity is None and step["kind"] == "units":
        lacking = list(dict.fromkeys(name for unit in step["units"] for name in unit["lacking"]))
        return say("explanation.step.not_given", names=lacking) if lacking else say("explanation.step.not_reported")
    if part.value is None and part.value_equation:
        return say("explanation.step.no_price", price=part.component["price"])
    if part.value is None and step["kind"] == "product" and part.first.is_priced:
        return say("explanation.step.no_value")
    return ""


def _why_no_cell(part: Part) -> Text:
    """Why an equation gives nothing in any cell of a class."""
    figure = figure_of(part)
    if figure["with_layers"] == 0:
        return say("explanation.step.no_layers")
    if lacking := _lacking_coefficients(part, figure["flow"]):
        return say("explanation.step.no_coefficient", cell=cell_named(part.cell), names=lacking)
    return say("explanation.step.no_number")


def _lacking_coefficients(part: Part, flow: int) -> list[str]:
    """The coefficients that a class does not have."""
    values = part.ledger["class_values"]
    names = []
    for node in part.component["flows"][flow]["nodes"].values():
        for source in node["arguments"].values():
            name = source.get("coefficient")
            if name and name in values and all(of_class.get(part.cell) is None for of_class in values[name].values()):
                names.append(name)
    return list(dict.fromkeys(names))
