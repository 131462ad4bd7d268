"""`gep audit`: check a published account from its own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import MISMATCH, JsonOption, LanguageOption, QuietOption, begin, print_json


def audit(
    path: Annotated[Path, typer.Argument(metavar="PATH", show_default=False)],
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
    from gep.report.console import console
    from gep.report.findings import show_audit

    found = check_account(path)
    if html is not None:
        from gep.report.audit_page.write import write_page

        write_page(found, html, path.name, language)
    if as_json:
        print_json(found.document())
    else:
        show_audit(found, str(path), console(), language, quiet=quiet)
    if found.fails:
        raise typer.Exit(MISMATCH)
