"""What `gep audit` shows: what fails first, each with its arithmetic and cells, then what cannot be told, and how the
files were read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from gep.audit.audit import Audit
from gep.audit.findings import Check
from gep.core.messages import Text, in_language, joined, listed, say

_CELLS_SHOWN, _READINGS_SHOWN, _FILES_SHOWN, _UNCHECKED_SHOWN = 6, 12, 8, 8
_COLOURS = {"fails": "bold red", "warning": "yellow", "cannot_tell": "cyan"}


def show_audit(audit: Audit, path: str, out: Console, language: str, *, quiet: bool = False) -> None:
    """Print an audit."""

    def line(text: str, indent: str = "", style: str | None = None) -> None:
        out.print(indent + in_language(text, language), style=style, markup=False, soft_wrap=True)

    def check(found: Check, number: int) -> None:
        line("")
        line(_verdict(found, number), style=_COLOURS[found.verdict])
        for text in filter(None, (found.sentence, found.arithmetic, _cells(found.cells))):
            line(text, "   ")

    def several(title: Text, lines: Sequence[str], most: int) -> None:
        if not lines:
            return
        line("")
        line(title)
        for text in lines[:most]:
            line(text, "   ")
        if len(lines) > most:
            line(f"   … (+{len(lines) - most})")

    line(joined([say("audit.findings.head", path=path, **audit.counts()), tally_of(audit)], " ", ""))
    for number, found in enumerate(audit.findings, start=1):
        check(found, number)
    if quiet:
        return
    for found in audit.cannot_tell:
        check(found, 0)
    if audit.holds:
        line("")
        line(say("audit.findings.holds", kinds=_kinds(audit.holds)))
    elif not audit.findings and not audit.cannot_tell:
        line(say("audit.findings.nothing"))
    several(say("audit.findings.read"), audit.readings, _READINGS_SHOWN)
    unread = [problem.in_language(language) for problem in audit.unreadable]
    several(say("audit.findings.unreadable"), unread, _READINGS_SHOWN)
    skipped = [skipped.said() for skipped in audit.skipped]
    several(say("audit.findings.skipped"), skipped, _FILES_SHOWN)


def tally_of(audit: Audit) -> Text:
    """How the numbers of the tables ended, and how many take part in a check."""
    tally = audit.tally
    said = say("audit.findings.tally", read=tally.read, checked=tally.checked, other=tally.no_figures)
    parts = [said, say("audit.findings.tally_unread", count=tally.unread)] if tally.unread else [said]
    if audit.unchecked:
        parts.append(say("audit.findings.tally_unchecked", what=_unchecked(audit)))
    if audit.skipped:
        parts.append(say("audit.findings.tally_skipped", count=len(audit.skipped)))
    return joined(parts, " ", "")


def _unchecked(audit: Audit) -> Text:
    """What takes part in no check, in few words; with its table where there are several."""
    several = len({id(cells) for cells, *_ in audit.located.values()}) > 1
    most_first = sorted(audit.unchecked, key=lambda found: -len(found.cells))
    shown = [
        say("audit.unchecked.of_table", table=found.table, what=found.said())
        if several and found.kind in ("row", "column")
        else found.said()
        for found in most_first[:_UNCHECKED_SHOWN]
    ]
    more = sum(len(found.cells) for found in most_first[_UNCHECKED_SHOWN:])
    return joined([*shown, say("audit.unchecked.more", count=more)] if more else shown, ", ", "，")


def _verdict(check: Check, number: int) -> Text:
    """The verdict with the number of a finding, and how far it is off."""
    said = say(f"audit.findings.{check.verdict}")
    if check.units_off:
        said = say("audit.findings.off", verdict=said, units=f"{check.units_off:+.4g}")
    return say("audit.findings.numbered", number=number, verdict=said) if number else said


def _cells(cells: Sequence[str]) -> Text:
    """The cells that a check is of, the first of them where there are many."""
    shown, more = joined(cells[:_CELLS_SHOWN], "; ", "；"), len(cells) - _CELLS_SHOWN
    return (
        say("audit.findings.more_cells", cells=shown, more=more)
        if more > 0
        else say("audit.findings.cells", cells=shown)
    )


def _kinds(checks: Sequence[Check]) -> Text:
    """How many checks there are of each kind."""
    counted = Counter(check.kind for check in checks)
    return listed(
        say("audit.findings.counted", kind=say(f"audit.kind.{kind}"), count=count)
        for kind, count in counted.most_common()
    )
