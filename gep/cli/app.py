"""The command line. Everything heavy is imported inside the commands, so that `gep --help` answers at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gep.cli.audit import audit
from gep.cli.common import (
    JsonOption,
    Language,
    LanguageOption,
    ProfileOption,
    QuietOption,
    options,
    print_json,
    progress_bar,
)
from gep.cli.data import coefficients_app, profiles_app
from gep.cli.difference import diff
from gep.cli.results import explain
from gep.cli.verify import verify

if TYPE_CHECKING:
    from gep.account.account import Account
    from gep.study.study import Study

app = typer.Typer(
    name="gep",
    help="Gross Ecosystem Product (GEP, 生态产品总值): from rasters, tables and sourced coefficients to an exact account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(coefficients_app, name="coefficients")
app.add_typer(profiles_app, name="profiles")


INTERRUPTED = 130
"""The exit code after Ctrl-C."""


ProjectArgument = Annotated[Path, typer.Argument(help="The project file.", show_default=True)]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads; all cores by default. Does not change the result.")
]
MapsOption = Annotated[
    bool, typer.Option("--maps", help="Also write GeoTIFF maps of quantities and values, to the folder's maps/.")
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gep {version('gep')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Gross Ecosystem Product (GEP, 生态产品总值): from rasters, tables and sourced coefficients to an exact
    account.
    """


@app.command()
def run(
    project: ProjectArgument = Path("gep.toml"),
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of the result [default: gep-<code>-<year>].", show_default=False),
    ] = None,
    zones: Annotated[
        Path | None, typer.Option("--zones", help="Report for the polygons of this file instead (same column names).")
    ] = None,
    maps: MapsOption = False,
    threads: ThreadsOption = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Compute in this many processes instead (needs the extra `dask`)."),
    ] = None,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute the account of a project and write it to a folder."""
    options.quiet, options.as_json = quiet, as_json
    from gep.core.errors import UsageError
    from gep.study.folder import check_folder, default_folder
    from gep.study.run import PROJECT, ZONES
    from gep.study.study import Study

    study = Study.open(project)
    if zones is not None:
        if not zones.exists():
            raise UsageError(f"--zones: there is no file {zones}.")
        study = study.with_zones(zones)
    folder = out or default_folder(study.spec.code, study.spec.name, study.spec.year)
    check_folder(folder)
    given = [f"{PROJECT} {(project / 'gep.toml' if project.is_dir() else project).resolve()}"]
    given += [f"{ZONES} {zones.resolve()}"] if zones else []
    _compute(study, folder, threads, workers, lang, maps, given)


def _compute(
    study: Study,
    folder: Path,
    threads: int | None,
    workers: int | None,
    lang: Language,
    maps: bool = False,
    given: Sequence[str] = (),
) -> None:
    from datetime import UTC, datetime
    from time import perf_counter

    from gep.report.console import console, show_account, show_problems, word
    from gep.study.folder import write_run

    started, clock = datetime.now(UTC), perf_counter()
    with progress_bar(study.spec.name) as progress, _client(workers) as client:
        account: Account = study.run(threads=threads, client=client, progress=progress)
    took = perf_counter() - clock
    means = f"{workers} processes" if workers else f"{threads or 'all'} threads"

    def draw(fresh: Path) -> None:
        with progress_bar(f"{study.spec.name}: maps") as progress:
            study.maps(fresh / "maps", account=account, threads=threads, progress=progress)

    log = [f"{started.isoformat(timespec='seconds')} started", *given, f"computed in {took:.2f} s with {means}"]
    write_run(account, folder, log, add=draw if maps else None)
    if options.as_json:
        print_json(account.summary())
        return
    out = console()
    if not options.quiet:  # the services that are missing come below the result, with the reason
        remark = word("remark", lang.value)
        show_problems(
            account.about.problems,
            console(on_error=True),
            least="warning",
            hidden=("O01",),
            remark=remark,
            language=lang.value,
        )
    show_account(account, out, lang.value)
    out.print(word("written", lang.value).format(folder=folder), markup=False)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the result.")] = Path("gep-demo"),
    maps: MapsOption = False,
    threads: ThreadsOption = None,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute the account of the embedded sample city. The city is synthetic: no place, no measurement, no
    statistic.
    """
    options.quiet, options.as_json = quiet, as_json
    from tempfile import TemporaryDirectory

    from gep.study.folder import check_folder
    from gep.study.sample.city import open_sample_city

    check_folder(out)
    with TemporaryDirectory(prefix="gep-") as folder:
        _compute(open_sample_city(Path(folder)), out, threads, None, lang, maps)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project; it must be empty or not exist.")],
    profile: ProfileOption = "ndrc-2022",
) -> None:
    """Write a commented project to start from: gep.toml, example tables, and synthetic rasters to replace one
    by one.
    """
    from gep.core.data import pick
    from gep.core.errors import UsageError
    from gep.report.console import console
    from gep.standards.profile import profile_ids
    from gep.study.sample.city import write_sample_city

    pick(profile, profile_ids(), "profile")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder. It is left as it is: choose another.")
    path = write_sample_city(folder, profile=profile)
    console().print(
        f"Written: {path}. Everything in it is synthetic; README.txt says what to replace.",
        markup=False,
        soft_wrap=True,
    )
    console().print(f"Next: gep check {path}, then gep run {path}", markup=False, soft_wrap=True)


@app.command()
def check(
    project: ProjectArgument = Path("gep.toml"),
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check every input of a project, computing nothing: all that would make `run` fail, at once."""
    options.quiet, options.as_json = quiet, as_json
    from gep.report.console import console, show_problems
    from gep.study.folder import problems_document
    from gep.study.study import Study

    study = Study.open(project)
    with progress_bar(study.spec.name) as progress:
        problems = study.check(threads=threads, progress=progress)
    if as_json:
        print_json(problems_document(problems))
    else:
        show_problems(problems, console(), least="error" if quiet else "information")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(4)


@contextmanager
def _client(workers: int | None) -> Iterator[Any]:
    """A dask client with some processes of this machine, or None."""
    if workers is None:
        yield None
        return
    try:
        from dask.distributed import Client
    except ImportError:
        from gep.core.errors import MissingFeatureError

        raise MissingFeatureError.of("--workers", "dask") from None
    with Client(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    ) as client:
        yield client


app.command()(explain)
app.command("diff")(diff)
app.command()(audit)
app.command()(verify)


def main() -> None:
    """The entry point: errors become messages and exit codes, never tracebacks."""
    options.quiet = options.as_json = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console of another encoding shows ? for a letter that it lacks
    try:
        code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except typer.Exit as stop:
        code = stop.exit_code
    except Exception as error:
        code = _report(error)
    if code == INTERRUPTED:
        sys.stderr.write("Interrupted; nothing was written.\n")
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: Exception) -> int:
    """Say what went wrong, on standard error or as JSON; the exit code."""
    from gep.core.errors import GepError
    from gep.report.console import console, show_problems
    from gep.study.folder import problems_document

    if isinstance(error, GepError):
        if options.as_json:
            print_json(problems_document(error.problems, error.message))
        out = console(on_error=True)
        out.print(error.message, style="bold red", markup=False, soft_wrap=True)
        if error.problems:
            show_problems(error.problems, out, least="error" if options.quiet else "warning")
        return error.exit_code
    if hasattr(error, "show") and hasattr(
        error, "exit_code"
    ):  # a usage error of click, which typer may carry under a name of its own
        error.show()
        return int(error.exit_code)
    return _internal(error)


def _internal(error: Exception) -> int:
    """A bug of ours: said as such, with the traceback in a file and not on the screen."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", suffix=".log", prefix="gep-", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    if options.as_json:
        from gep.study.folder import problems_document

        print_json(problems_document([], f"internal error: {error}"))
    sys.stderr.write(
        f"Internal error: {type(error).__name__}: {error}\nThis is a fault of gep; nothing was written. Please "
        f"report it with {file.name}.\n"
    )
    return 1


if __name__ == "__main__":
    main()
