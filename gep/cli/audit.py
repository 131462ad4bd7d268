"""`gep audit`: check a published account from its own figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, Language, LanguageOption, QuietOption, options, print_json

MISMATCH = 5
"""The exit code where an identity fails."""


def audit(
    path: Annotated[
        Path, typer.Argument(help="A CSV or workbook in the tidy format, a folder of them, or a run of gep.")
    ],
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check a published account without inputs: products, sums, shares, balances, units. Exit 5 if any identity
    fails.
    """
    options.quiet, options.as_json = quiet, as_json
    from gep.audit.audit import audit as check_account
    from gep.report.console import console
    from gep.report.findings import show_audit

    found = check_account(path)
    if as_json:
        print_json(found.document())
    else:
        show_audit(found, str(path), console(), lang.value, quiet=quiet)
    if found.fails:
        raise typer.Exit(MISMATCH)
