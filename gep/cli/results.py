"""Commands that look at the folder of a finished run: `gep explain`, `gep report`, `gep cite`."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.common import (
    JsonOption,
    LanguageName,
    LanguageOption,
    QuietOption,
    RunArgument,
    begin,
    options,
    print_json,
    progress_bar,
    told_where_unwritten,
)
from gep.core.messages import say

if TYPE_CHECKING:
    from gep.account.account import Account
    from gep.report.make import Made
    from gep.report.options import ReportOptions


class ReportLanguage(StrEnum):
    """What `--lang` of `gep report` takes."""

    zh = "zh"
    en = "en"
    zh_en = "zh-en"


class SharesName(StrEnum):
    """What `--shares` takes."""

    as_is = "as_is"
    adjusted = "adjusted"


def explain(
    folder: RunArgument,
    zone: Annotated[str, typer.Argument(metavar="ZONE", show_default=False)],
    service: Annotated[str, typer.Argument(metavar="SERVICE", show_default=False)],
    ecosystem: Annotated[str, typer.Argument(metavar="ECOSYSTEM", show_default=False)] = "",
    show_all: Annotated[bool, typer.Option("--all")] = False,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a figure apart: formula, numbers put in, coefficients, price, rules; or say why it is empty. Needs the
    folder alone.
    """
    language = begin(lang, as_json=as_json)
    from gep.core.parts import lost
    from gep.report.console import console, show_problems
    from gep.report.explanation import show_explanation
    from gep.study.run import read_run

    account = read_run(folder)
    document = account.explain(service, zone, ecosystem)
    if missing := lost(account.record.get("parts", [])):
        show_problems(missing, console(on_error=True), language=language)
    if as_json:
        print_json(document)
        return
    show_explanation(document, console(), language, show_all=show_all)


def report(
    folder: RunArgument,
    xlsx: Annotated[bool, typer.Option("--xlsx")] = False,
    docx: Annotated[bool, typer.Option("--docx")] = False,
    html: Annotated[bool, typer.Option("--html")] = False,
    bulletin: Annotated[bool, typer.Option("--bulletin")] = False,
    package: Annotated[bool, typer.Option("--package")] = False,
    pictures: Annotated[bool, typer.Option("--pictures")] = False,
    pdf: Annotated[bool, typer.Option("--pdf")] = False,
    shares: Annotated[SharesName, typer.Option("--shares", metavar="as_is|adjusted")] = SharesName.as_is,
    template: Annotated[Path | None, typer.Option("--template", metavar="DIR", show_default=False)] = None,
    lang: Annotated[ReportLanguage | None, typer.Option("--lang", metavar="zh|en|zh-en", show_default=False)] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make what an office hands in from the folder of a finished run."""
    language = begin(LanguageName(lang.value[:2]) if lang else None, as_json=as_json, quiet=quiet)
    from gep.report.options import ReportOptions
    from gep.study.run import read_run

    wanted = {
        "xlsx": xlsx,
        "docx": docx,
        "html": html,
        "bulletin": bulletin,
        "package": package,
        "pictures": pictures,
    }
    kinds = [kind for kind, is_wanted in wanted.items() if is_wanted]
    if pdf and kinds and not (docx or bulletin):
        kinds.append("docx")  # of which it is the PDF
    chosen = ReportOptions(lang.value if lang else language, shares.value, template, has_pdf=pdf)
    made = make(read_run(folder), folder, kinds, chosen)
    options.left = say("cli.left.folder", folder=folder)
    if as_json:
        print_json(document_of(made))
    else:
        show_made(made)


def cite(
    folder: RunArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a run rests on, as BibTeX."""
    language = begin(lang, as_json=as_json)
    from gep.report.bibliography import cite as cited
    from gep.report.bibliography import references
    from gep.study.run import read_run

    account = read_run(folder)
    if as_json:
        print_json({"schema": 1, "references": [asdict(one) for one in references(account, language)]})
    elif out:
        with told_where_unwritten(out):
            out.write_text(cited(account, language), encoding="utf-8")
    else:
        typer.echo(cited(account, language), nl=False)


def make(account: Account, folder: Path, kinds: list[str], chosen: ReportOptions) -> Made:
    """Make a report with a bar that names the file in the works."""
    from gep.report.make import make_report

    name = account.zone_name("_city", options.language)
    with progress_bar(say("cli.report_of", name=name).to(options.language)) as progress:
        return make_report(account, folder, kinds, chosen, progress)


def document_of(made: Made) -> dict[str, object]:
    """What was made, as a JSON document."""
    return {
        "schema": 1,
        "folder": str(made.folder),
        "files": list(made.files),
        "left_out": list(made.left_out),
        "kept": str(made.kept) if made.kept else None,
    }


def show_made(made: Made) -> None:
    """What was written where, and what was not for want of a package."""
    from gep.report.console import console, number_of_bytes

    language, out = options.language, console()
    for name, size in _by_name(made).items():
        said = say("cli.made", path=made.folder / name, size=number_of_bytes(size))
        out.print(said.to(language), markup=False, soft_wrap=True)
    if made.left_out and not options.quiet:
        from gep.report.make import MAKERS

        extras = list(dict.fromkeys(MAKERS[kind].extra for kind in made.left_out))
        said = say("cli.left_out", kinds=[f"--{kind}" for kind in made.left_out], extras=",".join(extras))
        console(on_error=True).print(said.to(language), markup=False, soft_wrap=True)
    if made.kept:
        console(on_error=True).print(say("cli.kept", folder=made.kept).to(language), markup=False, soft_wrap=True)


def _by_name(made: Made) -> dict[str, int]:
    """The bytes of each file, and of each folder as a whole."""
    sizes: dict[str, int] = {}
    for file in made.files:
        name, slash, _ = file["file"].partition("/")
        sizes[name + slash] = sizes.get(name + slash, 0) + file["bytes"]
    return sizes
