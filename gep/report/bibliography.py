"""What an account rests on, as BibTeX: the program, the standard, methods, coefficients and data, each document once.

An account of a run, fresh or read from its folder, says itself what it used: the profile, the equations of its ledger,
the rows of its record, the layers, and the sources that its tables and coefficients name. Nothing else is cited.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import metadata
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from gep.account.account import Account
from gep.account.record import LayerRecord
from gep.core.arguments import check_argument
from gep.core.messages import Language, say
from gep.inputs.products import products
from gep.report.citations import DOI, named_in
from gep.standards.coefficients import sources
from gep.standards.prices import is_shipped, price_index
from gep.standards.profile import load_profile, profile_ids
from gep.standards.schemes import CUSTOM, load_scheme

Use = Literal["software", "profile", "methods", "coefficients", "data"]
"""What a document was used for; one that was used for several things is cited where it comes first."""

_TYPES = {
    "standard": "techreport",
    "paper": "article",
    "book": "book",
    "manual": "manual",
}
"""Types of entries by the kind of a document; of all others `misc`."""

_PUBLISHER = {"techreport": "institution", "book": "publisher", "manual": "organization", "misc": "howpublished"}

_IN_JOURNAL = re.compile(r"(?P<journal>.+?) (?P<volume>\d[\d-]*)(\((?P<number>[\d-]+)\))?(:(?P<pages>[\w-]+))?")

_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_"},
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # a brace that stood alone would be counted, escaped or not
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Reference:
    """An entry of a bibliography. Fields are plain text, `authors` one text each."""

    key: str
    kind: str
    use: Use
    authors: tuple[str, ...]
    fields: Mapping[str, str]

    def to_bibtex(self) -> str:
        """The entry, with what BibTeX reads as markup escaped. Titles and names keep their letters as they are."""
        parts = {"author": " and ".join(a if a == "others" else f"{{{_escaped(a)}}}" for a in self.authors)}
        for name, text in self.fields.items():
            said = text if name in ("doi", "url") else _escaped(text)
            parts[name] = f"{{{said}}}" if name == "title" else said
        lines = "".join(f"  {name} = {{{text}}},\n" for name, text in parts.items() if text)
        return f"@{self.kind}{{{self.key},\n{lines}}}\n"


def cite(account: Account, language: Language = "en") -> str:
    r"""What an account rests on, as BibTeX, to be put beside a paper or a report.

    >>> print(gep.cite(account))                                                     # doctest: +SKIP
    >>> Path("account.bib").write_text(gep.cite(gep.read_run("gep-990000-2020")))    # doctest: +SKIP

    Entries are the program with its version; the standard of the profile (`@techreport` with its number); the documents
    that the equations of the figures follow; those that the coefficients were read in; the data sets that layers are
    recognised as, and what tables, coefficients and the price index name as their source. Each is there once, under a
    key that is the same in every account. Comments at the end name the layers that no data set is known of: those are
    to be cited by hand.

    Args:
        account: one of `Study.run`, `account_of` or `read_run`.
        language: which title comes first where a document has a Chinese one too, "en" or "zh".

    Raises:
        UsageError: for an account that was computed without a record, which does not say what it used.
    """
    check_argument("account", account, "account", Account)
    found = references(account, language)
    blocks = []
    for use, group in groupby(found, key=lambda one: one.use):
        heading = say(f"report.cite.{use}").to(language)
        blocks.append("\n".join([f"% {heading}\n", *(one.to_bibtex() for one in group)]))
    unknown = [f"{name} ({about.get('file') or 'array'})" for name, about in _layers(account) if not _product(about)]
    if unknown:
        said = say("report.cite.unknown", layers=unknown).to(language)
        blocks.append(f"% {said.replace('@', ' at ')}\n")  # what follows this sign would be read as an entry
    return "\n".join(blocks)


def references(account: Account, language: Language = "en") -> list[Reference]:
    """The entries of `cite`, in their order."""
    is_given = "coefficients" in account.record and "inputs" not in account.record
    ledger: Mapping[str, Any] = {} if is_given else account.ledger
    shipped = {**sources(), **ledger.get("sources", {})}
    found: dict[str, Reference] = {}

    def add(use: Use, identifier: str) -> None:
        if identifier in shipped:
            found.setdefault(identifier, _document(identifier, shipped[identifier], use, language))
        elif identifier:
            known = named_in(identifier)
            for name in known:
                add(use, name)
            if not known:
                named = _as_named(identifier, use)
                found.setdefault(named.key, named)

    found["gep"] = _program(account)
    profile = account.about.profile
    add("profile", load_profile(profile).source if profile in profile_ids() else profile)
    for equation in sorted(_equations(account, ledger)):
        for name in named_in(ledger["equations"][equation]["source"]):
            add("methods", name)
    for row in account.record.get("coefficients", ()):
        add("coefficients", row.get("source", ""))
    for _, about in _layers(account):
        if product := _product(about):
            data_set = _data_set(product)
            found.setdefault(data_set.key, data_set)
    scheme = account.record.get("study", {}).get("scheme", "")
    if scheme and scheme != CUSTOM:
        add("data", load_scheme(scheme).source)
    for source in _of_tables(ledger):
        add("data", source)
    index = ledger.get("price_index", "")
    if is_shipped(index) and _is_moved(ledger):
        add("data", price_index(index).source)
    order = get_args(Use)
    return sorted(found.values(), key=lambda one: (order.index(one.use), one.key))


def _program(account: Account) -> Reference:
    """The program, with the version that computed the account."""
    about = metadata("gep")
    version = account.record.get("gep") or about["Version"]
    fields = {"title": f"gep: {about['Summary'].partition(':')[0]}", "howpublished": f"Software, version {version}"}
    return Reference("gep", "misc", "software", (about["Author"],), fields)


def _document(identifier: str, about: Mapping[str, Any], use: Use, language: Language) -> Reference:
    """A document of the shipped sources, or as the ledger of a run kept it."""
    kind = _TYPES.get(str(about["kind"]), "misc")
    kind = kind if kind != "article" or about.get("journal") else "misc"
    fields = {"title": _titled(about, language), "year": str(about["year"])}
    if kind == "article":
        where = _IN_JOURNAL.fullmatch(journal := str(about["journal"]))
        parts = where.groupdict() if where else {"journal": journal}
        fields |= {name: str(text).replace("-", "--") for name, text in parts.items() if text}
    elif published := about.get("publisher") or about.get("journal"):
        fields[_PUBLISHER[kind]] = str(published)
    fields |= {name: str(about[name]) for name in ("number", "doi") if about.get(name)}
    return Reference(identifier, kind, use, tuple(_authors(str(about["authors"]))), fields)


def _titled(about: Mapping[str, Any], language: Language) -> str:
    """The title in one language, with that in the other in brackets."""
    titles = [str(about["title"]), *([str(about["title_zh"])] if about.get("title_zh") else [])]
    first, *second = titles if language == "en" else reversed(titles)
    return " ".join([first, *(f"[{title}]" for title in second)])


def _authors(text: str) -> Iterator[str]:
    """Names as the source lists them, family names first: they are not taken apart."""
    others = re.search(r",? and others$", text)
    for group in (text[: others.start()] if others else text).split("; "):
        parts = group.split(", ")
        yield from parts if all(part[:1].isupper() for part in parts) else [group]
    if others:
        yield "others"


def _as_named(text: str, use: Use) -> Reference:
    """A source that tables or coefficients of the study name in words of their own."""
    key = f"named-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    doi = DOI.search(text)
    return Reference(key, "misc", use, (), {"title": text, **({"doi": doi[0]} if doi else {})})


def _data_set(product: Mapping[str, str]) -> Reference:
    """A public data set, with the citation that its producers ask for."""
    dois = DOI.findall(product["citation"])
    fields = {"title": product["title"], "note": product["citation"], **({"doi": dois[-1]} if dois else {})}
    return Reference(f"data-{product['id']}", "misc", "data", (), fields)


def _equations(account: Account, ledger: Mapping[str, Any]) -> set[str]:
    """The equations behind figures that there are: the ledger has those of components without one too."""
    known, layers = ledger.get("equations", {}), ledger.get("layers", {})
    there = {(e.service, e.base) for e in account.flows if e.quantity is not None or e.value is not None}
    used: set[str] = set()
    for service, record in ledger.get("services", {}).items():
        parts = [part for component, part in record["components"].items() if (service, component) in there]
        if any(of == service for of, _ in there):
            parts += [record.get("products", []), record.get("net") or ""]
        named = {text for part in parts for text in _texts(part)}
        used |= named | {equation for layer in named & set(layers) for equation in layers[layer]["made_by"]}
    return used & set(known)


def _texts(document: object) -> Iterator[str]:
    """Every text in a document of mappings and lists, keys aside."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping | list | tuple):
        for child in document.values() if isinstance(document, Mapping) else document:
            yield from _texts(child)


def _layers(account: Account) -> Iterator[tuple[str, LayerRecord]]:
    """The layers that were given, not made from others."""
    return ((n, about) for n, about in account.record.get("inputs", {}).items() if "derived_by" not in about)


def _product(about: LayerRecord) -> Mapping[str, str] | None:
    """The public data set that a layer is said to be of, or else by its file and how it is stored."""
    stem, variable, dtype = Path(about.get("file") or "").stem, about.get("variable") or "", about.get("dtype")
    seen = next((p for p in products() if dtype and p.is_of(stem, variable, np.dtype(dtype))), None)
    shown = {"id": seen.id, "title": str(seen.title), "citation": seen.citation} if seen else None
    return about.get("product") or shown


def _of_tables(ledger: object) -> Iterator[str]:
    """The sources that the rows of the tables name, wherever in the ledger they are used."""
    if isinstance(ledger, Mapping):
        if "place" in ledger and ledger.get("source"):
            yield str(ledger["source"])
        children: Iterable[object] = ledger.values()
    else:
        children = ledger if isinstance(ledger, list | tuple) else ()
    for child in children:
        yield from _of_tables(child)


def _is_moved(ledger: object) -> bool:
    """Whether a price index moved any of the prices."""
    if isinstance(ledger, Mapping):
        return ledger.get("index_factor", 1.0) != 1.0 or any(map(_is_moved, ledger.values()))
    return isinstance(ledger, list | tuple) and any(map(_is_moved, ledger))


def _escaped(text: str) -> str:
    """Plain text, with what TeX reads as markup escaped."""
    plain = " ".join(text.split())
    return "".join(_SPECIAL.get(sign, sign) for sign in plain)
