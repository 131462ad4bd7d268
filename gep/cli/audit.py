"""`gep audit`: check a published account from its own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import (
    MISMATCH,
    JsonOption,
    LanguageOption,
    QuietOption,
    begin,
    print_json,
    told_where_unwritten,
)


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", show_default=False)],
    given: Annotated[str, typer.Option("--map", metavar="TEXT", show_default=False)] = "",
    sheet: Annotated[str, typer.Option("--sheet", metavar="NAME", show_default=False)] = "",
    page: Annotated[str, typer.Option("--page", metavar="N|N-M", show_default=False)] = "",
    table: Annotated[int | None, typer.Option("--table", metavar="N", min=1, show_default=False)] = None,
    tidy: Annotated[Path | None, typer.Option("--tidy", metavar="FILE", show_default=False)] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check a published account without inputs: products, sums, shares, balances, units. Exit 5 if any identity
    fails.
    """
    language = begin(lang, as_json=as_json, quiet=quiet)
    from gep.audit.audit import audit as check_account
    from gep.audit.grids.reading import read_map
    from gep.audit.sources import Choice, read_pages
    from gep.audit.tidy import write_tidy
    from gep.report.console import console
    from gep.report.findings import show_audit

    choice = Choice(sheet, read_pages(page) if page else range(0), table or 0)
    found = check_account(path, read_map(given) if given else None, choice=choice)
    if tidy is not None:
        with told_where_unwritten(tidy):
            write_tidy(found, tidy, language)
    if html is not None:
        from gep.report.audit_page.write import write_page

        with told_where_unwritten(html):
            write_page(found, html, path.name, language)
    if as_json:
        print_json(found.document())
    else:
        show_audit(found, str(path), console(), language, quiet=quiet)
    if found.fails:
        raise typer.Exit(MISMATCH)
