"""The report and the bulletin as files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gep.account.account import Account
from gep.core.messages import Text, say
from gep.report.document import annexes, beside, bulletin, methods, opening, quality, results
from gep.report.document.layout import Layout, running_foot, running_head
from gep.report.document.manuscript import Manuscript
from gep.report.document.pdf import print_to_pdf
from gep.report.document.pictures import pictures_of
from gep.report.document.report import Report, full_title
from gep.report.document.wording import Wording
from gep.report.office import Office
from gep.report.options import ReportOptions
from gep.report.tables.book import ReportModel, report_model
from gep.report.tables.facts import Facts

REPORT, BULLETIN = "report.docx", "bulletin.docx"


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Write `report.docx` and `bulletin.docx` into a folder, and their PDF where that is asked for; the same run gives
    the same bytes, PDF apart. Raises UsageError where the folder of the office has something that would be left out, or
    there is nothing to print a PDF with.
    """
    office = options.office
    model = report_model(account, options.lang, options.shares)
    with pictures_of(account, folder, options) as pictures:
        layouts = {
            REPORT: _report(model, office, options.languages, pictures),
            BULLETIN: _bulletin(model, office, options.languages),
        }
        written = [layout.save(folder / name) for name, layout in layouts.items()]
    return [*written, *(_printed(layouts, folder) if options.has_pdf else [])]


def _printed(layouts: Mapping[str, Layout], folder: Path) -> list[Path]:
    """The documents as PDF, with contents that the printing program can fill in."""
    with tempfile.TemporaryDirectory() as scratch:
        for layout in layouts.values():
            layout.unfold_contents()
        return print_to_pdf([layout.save(Path(scratch) / name) for name, layout in layouts.items()], folder)


def _begun(
    facts: Facts, office: Office, languages: Sequence[str], title: Text, pictures: Mapping[str, Path]
) -> tuple[Layout, Manuscript]:
    """A layout with its head and foot, and the manuscript that is written into it."""
    first = languages[0]
    layout = Layout(title.to(first), full_title(facts).to(first), _TAGS[first], facts.account.about.year)
    before, between, after = (say(f"document.foot.{part}").to(first) for part in ("before", "between", "after"))
    status = office.status.to(first) if office.is_draft else ""
    head = office.setting("header") or full_title(facts).to(first)
    layout.head_and_foot(running_head(head, status, first), running_foot(before, between, after, first))
    return layout, Manuscript(layout, languages, office, pictures)


_TAGS = {"zh": "zh-CN", "en": "en-GB"}


def _report(model: ReportModel, office: Office, languages: Sequence[str], pictures: Mapping[str, Path]) -> Layout:
    facts = model.facts
    title = say("document.report_title", title=full_title(facts))
    layout, manuscript = _begun(facts, office, languages, title, pictures)
    report = Report(manuscript, model, Wording(model, is_draft=office.is_draft), office.status)
    opening.front(report)
    contents = len(layout.body)
    opening.summary(report)
    opening.introduction(report)
    opening.area(report)
    if facts.account.has_ledger:
        methods.methods(report)
    quality.data(report)
    results.total(report)
    results.services(report)
    results.ecosystems(report)
    results.counties(report)
    results.change(report)
    quality.quality(report)
    quality.conclusions(report)
    beside.beside(report)
    annexes.annexes(report)
    manuscript.finish()
    for at, element in enumerate([opening.contents_heading(report), *manuscript.contents()]):
        layout.body.insert(contents + at, element)
    return layout


def _bulletin(model: ReportModel, office: Office, languages: Sequence[str]) -> Layout:
    title = say("document.bulletin_title.summary", title=full_title(model.facts))
    layout, manuscript = _begun(model.facts, office, languages, title, {})
    bulletin.bulletin(Report(manuscript, model, Wording(model, is_draft=office.is_draft), office.status))
    manuscript.finish()
    return layout
