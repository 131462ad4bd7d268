"""Documents as PDF, printed by LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gep.core.errors import UsageError
from gep.core.messages import say

PROGRAMS = ("soffice", "libreoffice")
_SECONDS = 300
"""After so long LibreOffice is taken to hang."""


def print_to_pdf(documents: Sequence[Path], folder: Path) -> list[Path]:
    """The PDF of each document, in a folder. Not the same bytes each time: a PDF has the time of its making.

    Raises UsageError where LibreOffice is not installed, or made nothing of a document.
    """
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise UsageError(say("making.no_libreoffice"))
    with tempfile.TemporaryDirectory() as profile:  # a profile of its own: one that runs already would take the call
        own = f"-env:UserInstallation={Path(profile).as_uri()}"
        call = [program, own, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, documents)]
        with suppress(subprocess.TimeoutExpired):  # what it did not make is told below
            subprocess.run(call, check=False, capture_output=True, timeout=_SECONDS)
    made = [folder / document.with_suffix(".pdf").name for document in documents]
    if missing := [path.name for path in made if not path.is_file()]:
        raise UsageError(say("making.no_pdf", files=missing))
    return made
