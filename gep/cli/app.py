"""The command line. Everything heavy is imported inside the commands, so that `gep --help` answers at once."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gep.cli.accounts import command_of, is_beside, made_beside, problems_beside
from gep.cli.audit import audit
from gep.cli.carbon import carbon_app
from gep.cli.common import (
    INPUT,
    INTERRUPTED,
    UNWRITTEN,
    CogOption,
    EveryCellOption,
    JsonOption,
    LanguageOption,
    LoopName,
    LoopOption,
    MapsOption,
    MemoryOption,
    ProjectArgument,
    QuietOption,
    ReportOption,
    SharingName,
    ThreadsOption,
    begin,
    options,
    print_json,
    progress_bar,
    study_name,
    tell,
)
from gep.cli.compare import compare
from gep.cli.compensation import compensation_app
from gep.cli.computing import compute, write_again
from gep.cli.credits import credits_app
from gep.cli.data import coefficients_app, plugins, profiles_app
from gep.cli.demo import demo
from gep.cli.difference import diff
from gep.cli.forms import forms_app
from gep.cli.help import Command, Group, usage, wrong_call
from gep.cli.init import init
from gep.cli.inputs import inputs
from gep.cli.language import asked_for, language_of, of_locale
from gep.cli.lock import data_app
from gep.cli.results import cite, explain, report
from gep.cli.revisions import revisions
from gep.cli.scenario import scenario
from gep.cli.uncertainty import uncertainty
from gep.cli.verify import verify
from gep.core.messages import Language, Text, say, sentences, visible

if TYPE_CHECKING:
    from types import TracebackType

    from gep.account.account import Account
    from gep.core.errors import GepError

app = typer.Typer(
    name="gep",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(coefficients_app, name="coefficients")
app.add_typer(profiles_app, name="profiles")
app.add_typer(data_app, name="data")
app.add_typer(forms_app, name="forms")
app.add_typer(credits_app, name="credits")
app.add_typer(carbon_app, name="carbon")
app.add_typer(compensation_app, name="compensation")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gep {version('gep')}")
        raise typer.Exit


@app.callback()
def _main(
    lang: LanguageOption = None,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    """What every command takes, before its name too."""
    is_answered_anyhow = {"--help", "--version"} & set(sys.argv[1:])
    options.asked = asked_for(sys.argv[1:]) or (options.asked if is_answered_anyhow else None)
    begin(lang)


@app.command(cls=Command)
def run(
    project: ProjectArgument = Path("gep.toml"),
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="DIR", show_default=False)] = None,
    zones: Annotated[Path | None, typer.Option("--zones", metavar="FILE", show_default=False)] = None,
    share_statistics: Annotated[
        SharingName | None, typer.Option("--share-statistics", metavar="BY", show_default=False)
    ] = None,
    maps: MapsOption = False,
    cog: CogOption = False,
    with_report: ReportOption = False,
    threads: ThreadsOption = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, metavar="N", show_default=False)] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="ADDRESS", show_default=False)] = None,
    loop: LoopOption = LoopName.auto,
    memory: MemoryOption = None,
    resume: Annotated[bool, typer.Option("--resume")] = False,
    year: Annotated[int | None, typer.Option("--year", metavar="YEAR", show_default=False)] = None,
    uncertainty: Annotated[bool, typer.Option("--uncertainty")] = False,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute the account of a project and write it to a folder."""
    begin(lang, as_json=as_json, quiet=quiet, project=project)
    from gep.core.errors import UsageError
    from gep.study.folder import check_folder, default_folder, kept_windows
    from gep.study.run import PROJECT, SURENESS, ZONES
    from gep.study.study import Study
    from gep.study.years import Together, finished, stop_on_errors

    study = Study.open(project)
    if zones is not None:
        if not zones.exists():
            raise UsageError(say("cli.no_zones_file", path=zones))
        study = study.with_zones(zones, "area" if share_statistics else "")
    elif share_statistics:
        raise UsageError(say("cli.sharing_without_zones"))
    years = study.spec.years
    span = (years[0], years[-1]) if years else (study.spec.year,)
    folder = out or default_folder(study.spec.code, study.spec.name, *span)
    studies = study.by_year()
    if year is not None and year not in studies:
        raise UsageError(say("cli.no_such_year", path=project, year=year, years=list(studies)))
    studies = studies if year is None else {year: studies[year]}
    if uncertainty and study.inputs.profile.kind == "physical":  # before hours of computing
        raise UsageError(say("uncertainty.no_values", profile=study.spec.profile_id))
    folders = {of: folder / str(of) if years else folder for of in studies}
    for place in folders.values():
        check_folder(place)
    given = [f"{PROJECT} {(project / 'gep.toml' if project.is_dir() else project).resolve()}"]
    given += [f"{ZONES} {zones.resolve()}"] if zones else []
    if years:
        stop_on_errors(studies)
    beside = made_beside(project, intervals=uncertainty)
    there: dict[int, Account] = {}
    for of, place in folders.items() if years and resume else ():
        is_whole = (place / "maps").is_dir() or not (maps or cog or with_report)
        if is_whole and (not uncertainty or (place / SURENESS).is_file()):
            done = finished(studies[of], place, loop.value)
            there |= {of: done} if done else {}
    left = {of: (studies[of], kept_windows(place)) for of, place in folders.items() if of not in there}
    together = Together(left) if len(left) > 1 and not (workers or scheduler) else None
    accounts: dict[int, Account] = {}
    for of, place in folders.items():
        if of in there:
            accounts[of] = there[of]
            as_it_is = is_beside(beside, of, place)
            if not as_it_is:
                write_again(there[of], place, beside)
            if not options.quiet:
                tell("cli.years.finished" if as_it_is else "cli.years.beside", year=of, folder=place)
        else:
            accounts[of] = compute(
                studies[of],
                place,
                threads,
                workers,
                maps or cog,
                given,
                with_report,
                loop,
                scheduler,
                memory=memory,
                resume=resume,
                cog=cog,
                intervals=uncertainty,
                beside=beside,
                run=partial(together.run, of) if together else None,
            )
        if years:
            options.left = say("cli.left.years", folder=folder, years=list(accounts))
    if as_json and years:
        runs = [{"year": of, "folder": str(folders[of]), **account.summary()} for of, account in accounts.items()]
        print_json({"schema": 1, "years": list(accounts), "runs": runs})
    elif as_json:  # once all went well: what stops the call is a document too
        print_json(accounts[study.spec.year].summary())


@app.command(cls=Command)
def check(
    project: ProjectArgument = Path("gep.toml"),
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    every_cell: EveryCellOption = False,
    explain: Annotated[str | None, typer.Option("--explain", metavar="CODE", show_default=False)] = None,
    codes: Annotated[bool, typer.Option("--codes")] = False,
    lang: LanguageOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check every input of a project, computing nothing: all that would make `run` fail, at once."""
    language = begin(lang, as_json=as_json, quiet=quiet, project=project)
    if explain is not None or codes:
        _explain_codes(explain, language)
        return
    from gep.core.errors import sort_problems
    from gep.engine.memory import keep
    from gep.engine.windows import MEMORY
    from gep.report.console import console, show_problems
    from gep.study.folder import problems_document
    from gep.study.study import Study

    keep()
    study = Study.open(project)
    most = MEMORY if memory is None else memory
    with progress_bar(study_name(study.spec)) as progress:
        problems = study.check(threads=threads, memory=most, progress=progress, every_cell=every_cell)
    if beside := problems_beside(project):
        problems = sort_problems([*problems, *beside])
    if as_json:
        print_json(problems_document(problems))
    else:
        show_problems(problems, console(), least="error" if quiet else "information", language=language)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(INPUT)


def _explain_codes(code: str | None, language: Language) -> None:
    """What a code of a problem means, or all of them, a line each."""
    from gep.report.codes import code_document, known_codes, show_code, show_codes
    from gep.report.console import console

    if options.as_json:
        print_json(
            code_document(code) if code else {"schema": 1, "codes": [code_document(known) for known in known_codes()]}
        )
    elif code:
        show_code(code_document(code), console(), language)
    else:
        show_codes(console(), language)


app.command(cls=Command)(demo)
app.command(cls=Command)(init)
app.command(cls=Command)(inputs)
app.command(cls=Command)(explain)
app.command(cls=Command)(uncertainty)
app.command(cls=Command)(report)
app.command(cls=Command)(cite)
app.command("diff", cls=Command)(diff)
app.command(cls=Command)(compare)
app.command(cls=Command)(scenario)
app.command(cls=Command)(revisions)
app.command(cls=Command)(audit)
app.command(cls=Command)(verify)
app.command("grazing", cls=Command)(command_of("grazing"))
app.command("restoration", cls=Command)(command_of("restoration"))
app.command("assets", cls=Command)(command_of(""))
app.command(cls=Command)(plugins)


@cache
def _command() -> Any:
    """All commands with their options, put together once in a process: words are found when they are asked for."""
    return typer.main.get_command(app)


OBJECTS = 20_000
"""So many new objects are made before a command looks for garbage among them. What it loads stays: with Python's own
number, 700, a tenth of its start went into looking.
"""


def main() -> None:
    """The entry point: errors become messages and exit codes, never tracebacks."""
    gc.set_threshold(OBJECTS)
    options.language, options.asked, options.quiet, options.left = of_locale(), asked_for(sys.argv[1:]), False, None
    _stay_off_the_network()
    options.as_json = "--json" in sys.argv[1:]  # what stops a call before its command reads this is a document too
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console of another encoding shows ? for a letter that it lacks
    try:
        if {"--help", "--version"} & set(sys.argv[1:]):  # which are answered whatever GEP_LANG says
            options.asked = options.asked or _wanted()
        options.language = language_of(options.asked)
        with _silent_of_letters():
            code = _command()(prog_name="gep", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except typer.Exit as stop:
        code = stop.exit_code
    except OSError as error:
        code = _unprinted(error) if error.filename is None and error.errno in _FULL else _failed(error)
    except Exception as error:
        code = _failed(error)
    if code == INTERRUPTED:
        tell("cli.interrupted", left=_left())
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unprinted(error)
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _silent_of_letters() -> Iterator[None]:
    """Nothing is printed of what GDAL says in letters that are none, as of a damaged header: rasterio cannot read it,
    and has Python show a traceback of an error that stops nothing.
    """
    unraised, uncaught = sys.unraisablehook, sys.excepthook

    def of_ignored(ignored: sys.UnraisableHookArgs) -> None:
        if not isinstance(ignored.exc_value, UnicodeDecodeError):
            unraised(ignored)

    def of_shown(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if not isinstance(error, UnicodeDecodeError):
            uncaught(kind, error, where)

    sys.unraisablehook, sys.excepthook = of_ignored, of_shown
    try:
        yield
    finally:
        sys.unraisablehook, sys.excepthook = unraised, uncaught


def _stay_off_the_network() -> None:
    """Let GDAL fetch nothing over the network, in this process and its workers; it reads this when it is loaded."""
    os.environ.setdefault("CPL_VSIL_CURL_ALLOWED_FILENAME", "none")


_FULL = (errno.ENOSPC, errno.EPIPE, errno.EDQUOT)


def _unprinted(error: OSError) -> int:
    """Standard output takes no more: a full disk is said, a reader that has seen enough is not."""
    from gep.core.errors import failure

    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # for what Python flushes at the end
    if error.errno != errno.EPIPE:
        tell("cli.no_space", error=failure(error))
        if options.left:
            sys.stderr.write(f"{visible(options.left.to(options.language))}\n")
    return UNWRITTEN


def _wanted() -> Language:
    """The language that is set, or that of the locale where what is set is none."""
    from gep.core.errors import UsageError

    try:
        return language_of()
    except UsageError:
        return of_locale()


def _failed(error: Exception) -> int:
    """Say what went wrong, on standard error or as JSON; the exit code."""
    from gep.core.errors import GepError

    if isinstance(error, GepError):
        return _stopped(error)
    if hasattr(error, "show") and hasattr(error, "exit_code"):  # of click
        return _wrong_call(error)
    return _internal(error)


def _stopped(error: GepError) -> int:
    from gep.core.messages import in_language
    from gep.report.console import console, show_problems
    from gep.study.folder import problems_document

    language = options.language
    out = console(on_error=True)
    said = sentences(error.message, options.left) if options.left else error.message
    out.print(in_language(said, language), style="bold red", markup=False, soft_wrap=True)
    if error.problems:
        show_problems(error.problems, out, least="error" if options.quiet else "warning", language=language)
    if options.as_json:  # last, so that it can be read where both streams come to one place
        print_json(problems_document(error.problems, said))
    return error.exit_code


def _wrong_call(error: Any) -> int:
    """What is wrong with a call, and where to read how it is done; help where the call is only a name."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{error.format_message()}\n")
        return int(error.exit_code)
    context = getattr(error, "ctx", None)
    if context is not None:
        sys.stderr.write(f"{usage(context)}\n")
    tell("cli.wrong_call", message=wrong_call(error), command=context.command_path if context else "gep")
    return int(error.exit_code)


def _left() -> Text:
    """What a call that was stopped had written by then."""
    return options.left or say("cli.left.nothing")


def _internal(error: Exception) -> int:
    """A bug of ours: said as such, with the traceback in a file and not on the screen."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", suffix=".log", prefix="gep-", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    if options.as_json:
        from gep.study.folder import problems_document

        print_json(problems_document([], sentences(say("cli.internal_error", error=str(error)), _left())))
    tell("cli.internal", kind=type(error).__name__, error=str(error), file=file.name, left=_left())
    return 1


if __name__ == "__main__":
    main()
