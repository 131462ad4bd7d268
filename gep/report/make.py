"""Make what an office hands in from an account: all that is asked for, or nothing.

    write_report(account, "gep-150700-2019", "xlsx", lang="zh")

Each kind is written by a room of this one, which is loaded when it is asked for: a kind whose room or packages are not
installed is left out where all are wanted, and an error that names the extra where it is asked for by name. What is
written stands in `report.json` with its hashes, so that a later run or report knows its own files from those that
somebody changed: these are copied beside the folder before they are replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol, get_args

from gep.account.account import Account
from gep.core.errors import MissingFeatureError, PartsError, UsageError, did_you_mean, failure
from gep.core.folders import files_into, real_place
from gep.core.json_text import write_json
from gep.core.messages import say, sentences
from gep.core.parts import lost
from gep.inputs.grids.files import file_hash
from gep.report.options import ReportOptions
from gep.report.tables.model import Lang, Shares
from gep.study.folder import set_aside
from gep.study.run import REPORT, Report, ReportFile, reported

SCHEMA = 1

Kind = Literal["xlsx", "docx", "bulletin", "html", "pictures", "package"]

Progress = Callable[[int, int, str], None]


class Write(Protocol):
    """What a room that makes files offers: it writes them into a folder that is there, and says which."""

    def __call__(self, account: Account, folder: Path, options: ReportOptions, /) -> Sequence[Path]: ...


@dataclass(frozen=True)
class Maker:
    """The module that makes a kind, the names of its files and folders, and the extra that it needs."""

    module: str
    names: tuple[str, ...]
    extra: str = "report"

    def load(self, kind: str) -> Write:
        """Its function. Raises MissingFeatureError where it, or what it needs, is not installed."""
        try:
            write: Write = import_module(self.module).write
        except ModuleNotFoundError as error:
            if not self._is_of_another(error.name or ""):
                raise
            raise MissingFeatureError.of(f"--{kind}", self.extra) from error
        return write

    def _is_of_another(self, name: str) -> bool:
        """Whether a module that is not there is a package of others, or this whole room."""
        return not name.startswith("gep.") or f"{self.module}.".startswith(f"{name}.")


MAKERS: dict[Kind, Maker] = {
    "pictures": Maker("gep.report.pictures.write", ("pictures",)),
    "xlsx": Maker("gep.report.workbook.write", ("report.xlsx", "open.xlsx")),
    "docx": Maker("gep.report.document.write", ("report.docx", "report.pdf")),
    "bulletin": Maker("gep.report.document.write", ("bulletin.docx", "bulletin.pdf")),
    "html": Maker("gep.report.page.write", ("report.html",)),
    "package": Maker("gep.report.package.write", ("package",)),
}
"""What can be made, in the order in which it is."""


@dataclass(frozen=True)
class Made:
    """What was written, by its place in the folder; the kinds that are not installed; where files that somebody had
    changed were copied to.
    """

    folder: Path
    files: tuple[ReportFile, ...]
    left_out: tuple[Kind, ...] = ()
    kept: Path | None = None

    @property
    def paths(self) -> list[Path]:
        return [self.folder / made["file"] for made in self.files]


def write_report(
    account: Account,
    folder: str | Path,
    *kinds: str,
    lang: Lang = "zh",
    shares: Shares = "as_is",
    template: str | Path | None = None,
    pdf: bool = False,
) -> list[Path]:
    """Write a report of an account to a folder, all that is asked for or nothing; the files that were written.

    >>> gep.write_report(gep.read_run("gep-990000-2020"), "report", "xlsx", "html", lang="en")     # doctest: +SKIP

    Args:
        account: what is reported.
        folder: where the files go. What somebody changed there is copied beside it before it is replaced.
        kinds: of "xlsx", "docx", "html", "bulletin", "package" and "pictures"; all that are installed if none is named.
        lang: "zh", "en" or "zh-en" (Chinese with English below).
        shares: "as_is", or "adjusted", which lets them add to 100 as they are shown.
        template: a folder of the office's own words and marks.
        pdf: whether documents are printed to PDF as well, through LibreOffice.

    Raises:
        UsageError: for another word, a folder that cannot be written or a LibreOffice that is not there.
        MissingFeatureError: where what is asked for is not installed.
    """
    options = ReportOptions(lang, shares, None if template is None else Path(template), pdf)
    return make_report(account, Path(folder), kinds, options).paths


def make_report(
    account: Account,
    folder: Path,
    kinds: Collection[str] = (),
    options: ReportOptions | None = None,
    progress: Progress | None = None,
) -> Made:
    """As `write_report`, with what is told besides. The run that lies in the folder is never touched. Raises PartsError
    where it was made with parts from outside that are not here: the report would lack their names.
    """
    options = options or ReportOptions()
    _check(options)
    if missing := lost(account.record.get("parts", [])):
        raise PartsError(say("core.parts.lost", names=[found.subject for found in missing]), missing)
    asked = [_kind(name) for name in kinds]
    wanted, left_out = _installed([kind for kind in MAKERS if kind in asked or not asked], is_all=not asked)
    names = {name for kind in wanted for name in MAKERS[kind].names}
    folder = real_place(folder)
    try:
        with files_into(folder) as fresh:
            _write(account, fresh, wanted, options, progress)
            _keep_only(fresh, names)
            made = _described(fresh, options)
            _list(account, folder, fresh, names, made)
            kept = set_aside(folder, names)
    except OSError as error:
        raise UsageError(say("making.not_written", folder=folder, error=failure(error))) from error
    return Made(folder, tuple(made), tuple(left_out), kept)


def _write(
    account: Account, folder: Path, kinds: Sequence[Kind], options: ReportOptions, progress: Progress | None
) -> None:
    """Let every room write once, which may make several kinds."""
    modules = list(dict.fromkeys(MAKERS[kind].module for kind in kinds))
    for done, module in enumerate(modules):
        kind = next(kind for kind in kinds if MAKERS[kind].module == module)
        if progress:
            progress(done, len(modules), MAKERS[kind].names[0])
        MAKERS[kind].load(kind)(account, folder, options)
    if progress:
        progress(len(modules), len(modules), "")


def _check(options: ReportOptions) -> None:
    for name, found, known in (("lang", options.lang, get_args(Lang)), ("shares", options.shares, get_args(Shares))):
        if found not in known:
            raise UsageError(say("making.unknown", name=name, found=found, known=list(known)))
    if options.template is not None and not options.template.is_dir():
        raise UsageError(say("making.no_template", folder=options.template))


def _kind(name: str) -> Kind:
    for kind in MAKERS:
        if kind == name:
            return kind
    known = list(MAKERS)
    raise UsageError(sentences(say("making.unknown", name="kind", found=name, known=known), did_you_mean(name, known)))


def _installed(kinds: Sequence[Kind], *, is_all: bool) -> tuple[list[Kind], list[Kind]]:
    """The kinds that can be made here, and those that cannot. Raises MissingFeatureError where one was asked for."""
    there, missing = list[Kind](), list[Kind]()
    for kind in kinds:
        try:
            MAKERS[kind].load(kind)
        except MissingFeatureError:
            if not is_all:
                raise
            missing.append(kind)
        else:
            there.append(kind)
    return there, missing


def _keep_only(folder: Path, names: Collection[str]) -> None:
    """Remove what a room made besides the kinds that were asked for."""
    for path in folder.iterdir():
        if path.name not in names and path.is_file():
            path.unlink()


def _described(folder: Path, options: ReportOptions) -> list[ReportFile]:
    return [
        {
            "file": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": file_hash(path),
            "lang": options.lang,
            "shares": options.shares,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _list(account: Account, folder: Path, fresh: Path, names: Collection[str], made: Sequence[ReportFile]) -> None:
    """Write the list of all reports of the folder: those made now, and those of before that stay."""
    stay = [of for of in reported(folder) if of["file"].split("/")[0] not in names and (folder / of["file"]).is_file()]
    files = sorted([*stay, *made], key=lambda of: of["file"])
    document: Report = {"schema": SCHEMA, "run_id": account.about.run_id, "files": files}
    write_json(document, fresh / REPORT)
