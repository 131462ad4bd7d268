"""What people call services, zones and ecosystems, and the ids that these are in an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gep.account.figures import Figures
from gep.core.catalog import label, service_ids
from gep.core.errors import UsageError, did_you_mean
from gep.core.keys import CITY, NONE, MatrixCell
from gep.core.messages import LANGUAGES, Text, joined, listed, say, sentences
from gep.standards.classes import land_classes


def cell_named(cell: str) -> Text:
    """The name of an ecosystem or of a class of one, as `forest/mixed`."""
    ecosystem, land_class = MatrixCell(cell).pair
    name = Text(label(ecosystem, "en"), label(ecosystem, "zh"))
    if land_class in ("", NONE):
        return name
    known = land_classes().get((ecosystem, land_class))
    of_class = Text(known.label_en, known.label_zh) if known else land_class
    return say("explanation.cell", ecosystem=name, land_class=of_class)


def zone_named(account: Figures, zone: str) -> Text:
    """The name of a zone in both languages."""
    return Text(account.zone_name(zone, "en"), account.zone_name(zone, "zh"))


def find_service(account: Figures, name: str) -> str:
    """The id of a service that is called by its id or by its label in Chinese or English."""
    known = list(dict.fromkeys((*service_ids(), *account.ledger["services"])))
    names = {label(id_, language): id_ for id_ in known for language in LANGUAGES}
    return _find("explanation.no_service", name, known, names)


def find_zone(account: Figures, name: str) -> str:
    """The code of a zone that is called by its code or by a name that only one zone has; `_city` is the whole area."""
    codes = list(dict.fromkeys([*account.about.zone_names, *(entry.zone for entry in account.entries), CITY]))
    named: dict[str, list[str]] = {}
    for code in codes:
        given = next((entry.zone_name for entry in account.entries if entry.zone == code), "")
        for text in dict.fromkeys([*(account.zone_name(code, language) for language in ("zh", "en")), given]):
            if text and code not in named.setdefault(text.casefold(), []):
                named[text.casefold()].append(code)
    found = named.get(name.strip().casefold(), [])
    if name.strip() not in codes and len(found) > 1:
        raise UsageError(say("explanation.several_zones", name=name, codes=found))
    texts = {account.zone_name(code, language): code for code in codes for language in ("zh", "en")}
    shown = [joined([code, zone_named(account, code)], " ") for code in codes]
    return _find("explanation.no_zone", name, codes, {**texts, **{text: of[0] for text, of in named.items()}}, shown)


def find_ecosystem(account: Figures, name: str) -> str:
    """An ecosystem or a class of one (`forest/mixed`); empty stands for all."""
    if not name:
        return ""
    of_areas = [cell for of in account.areas() for cell in (of[1], f"{of[1]}/{of[2]}") if not cell.endswith(NONE)]
    of_flows = [
        cell
        for of in account.flows
        for cell in (of.ecosystem, f"{of.ecosystem}/{of.land_class}")
        if not cell.endswith(f"/{NONE}")
    ]
    known = [*of_areas, *of_flows, *(f"{e}/{c}" if c else e for e, c in land_classes())]
    ecosystems = list(dict.fromkeys(MatrixCell(cell).ecosystem for cell in known))
    names = {label(ecosystem, language): ecosystem for ecosystem in ecosystems for language in LANGUAGES}
    return _find("explanation.no_ecosystem", name, list(dict.fromkeys([*ecosystems, *known])), names)


_MOST_NAMES = 40
"""How many names an error message lists."""


def _find(key: str, name: str, ids: Sequence[str], names: Mapping[str, str], shown: Sequence[str] = ()) -> str:
    """The id that a name stands for; `key` says that there is none, `shown` is what it lists."""
    text = name.strip()
    if text in ids:
        return text
    folded = {known.casefold(): id_ for known, id_ in names.items()} | {
        id_.casefold().replace("_", " "): id_ for id_ in ids
    }
    if (found := folded.get(text.casefold().replace("_", " "))) is not None:
        return found
    shown = shown or ids
    hint = did_you_mean(text, ids) or did_you_mean(text, names)
    if not hint:
        more = ["…"] if len(shown) > _MOST_NAMES else []
        hint = say("explanation.there_are", names=listed([*shown[:_MOST_NAMES], *more]))
    raise UsageError(sentences(say(key, name=name), hint))
