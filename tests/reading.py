"""Whether an account that was read from a folder is the one that was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd

from gep.account.account import Account
from gep.account.seea import extent_table
from gep.core.messages import LANGUAGES, of_document
from gep.study.folder import write_run
from gep.study.run import CRATE, read_run

MEASURES = ("value", "quantity", "area")
KEYS = ("zone", "zone_name", "ecosystem", "land_class", "category", "service", "component")


def seal(folder: Path) -> None:
    """Write the hashes of the files of a run as they are now into its crate: what a forger would do, or a test that
    wants to be refused for another reason than a hash.
    """
    crate = json.loads((folder / CRATE).read_text(encoding="utf-8"))
    for entity in crate["@graph"]:
        path = folder / entity["@id"]
        if "sha256" in entity and path.is_file():
            entity["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / CRATE).write_text(json.dumps(crate), encoding="utf-8")


def written_and_read(account: Account, folder: Path) -> Account:
    """The account from its folder, tested to be as it was."""
    write_run(account, folder)
    read = read_run(folder)
    same_figures(read, account)
    same_tables(read, account)
    return read


def same_figures(read: Account, account: Account) -> None:
    assert list(read.rows()) == list(account.rows())
    assert read.digest == account.digest
    for language in LANGUAGES:
        assert of_document(read.summary(), language) == of_document(account.summary(), language)
        assert read.title(language) == account.title(language)
        assert [p.in_language(language) for p in read.about.problems] == [
            p.in_language(language) for p in account.about.problems
        ]
        for zone in {entry.zone for entry in account.entries} | {"_city"}:
            assert read.zone_name(zone, language) == account.zone_name(zone, language)
    assert read.indicators() == account.indicators()
    assert read.quantities() == account.quantities()
    assert read.is_complete == account.is_complete
    for measure in MEASURES:
        for keys in ((), *((key,) for key in KEYS), ("zone", "service"), KEYS):
            assert read.by(*keys, measure=measure).cells == account.by(*keys, measure=measure).cells
    assert read.areas() == account.areas()


def same_tables(read: Account, account: Account) -> None:
    """The tables of SEEA EA."""
    measures = ("quantity",) if account.about.kind == "physical" else ("value", "quantity")
    for language in LANGUAGES:
        for by in ("ecosystem", "get"):
            for measure in measures:
                of_both = (a.supply_table(measure=measure, by=by, language=language) for a in (read, account))
                pd.testing.assert_frame_equal(*of_both)
            pd.testing.assert_frame_equal(*(extent_table(a, by, language=language) for a in (read, account)))


def same_explanations(read: Account, account: Account) -> int:
    """Every figure of every zone explained: the same document in both languages. How many figures these are."""
    count = 0
    for zone in (*account.about.zone_names, "_city"):
        for service in account.ledger["services"]:
            documents = [one.explain(service, zone) for one in (read, account)]
            for language in LANGUAGES:
                first, second = (of_document(document, language) for document in documents)
                assert first == second, (service, zone, language)
            count += 1
    return count


def same_bytes(read: Account, written: Path, again: Path) -> None:
    """What was read is written as it was; only the log tells of another time."""
    write_run(read, again)
    files = [path for path in sorted(written.rglob("*")) if path.is_file() and path.name != "run.log"]
    assert {path.name for path in files} <= {path.name for path in again.iterdir()}
    for path in files:
        assert path.read_bytes() == (again / path.relative_to(written)).read_bytes(), path.name
