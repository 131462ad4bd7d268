"""`gep revisions`: published figures and their revisions, old series on a new method."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gep.cli.common import JsonOption, LanguageOption, ProjectArgument, QuietOption, begin, print_json
from gep.core.messages import say


class FirstName(StrEnum):
    """What `--back-cast` takes."""

    parts = "parts"
    total = "total"


def revisions(
    project: ProjectArgument = Path("gep.toml"),
    back_cast: Annotated[
        FirstName | None, typer.Option("--back-cast", metavar="parts|total", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """How published figures were revised and why (T09), and old series on a new method."""
    language = begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.account.revisions import First, Register
    from gep.inputs.published import read_published, register_of
    from gep.report.console import console
    from gep.report.revisions import show_revisions, write_revisions

    register = Register(read_published(register_of(project)))
    first: First | None = None if back_cast is None else "total" if back_cast is FirstName.total else "parts"
    if out is not None:
        write_revisions(register, first, out, language)
    if as_json:
        print_json(register.document(first))
        return
    show_revisions(register, first, console(), language)
    if out is not None:
        console().print(say("cli.written", folder=out).to(language), markup=False, soft_wrap=True)
