"""The command line. Everything heavy is imported inside the commands, so that `gep --help` answers at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gep.account import Account
    from gep.engine import Progress
    from gep.study import Study

app = typer.Typer(
    name="gep",
    help="Gross Ecosystem Product (GEP, 生态产品总值): from rasters, tables and sourced coefficients to an exact account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
coefficients_app = typer.Typer(help="Look at the coefficients and check them.", no_args_is_help=True, rich_markup_mode=None)
profiles_app = typer.Typer(help="Look at the standards that accounts follow.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(coefficients_app, name="coefficients")
app.add_typer(profiles_app, name="profiles")


INTERRUPTED = 130
"""The exit code after Ctrl-C."""


class Language(StrEnum):
    """Language of what is printed."""

    zh = "zh"
    en = "en"


@dataclass
class _Options:
    """What is said once for the whole call."""

    quiet: bool = False
    as_json: bool = False


_options = _Options()

ProjectArgument = Annotated[Path, typer.Argument(help="The project file.", show_default=True)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else there.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result and errors.")]
LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of the tables.")]
ThreadsOption = Annotated[int | None, typer.Option("--threads", min=1, help="Threads; all cores by default. Does not change the result.")]
MapsOption = Annotated[bool, typer.Option("--maps", help="Also write GeoTIFF maps of quantities and values, to the folder's maps/.")]
ProfileOption = Annotated[str, typer.Option("--profile", "-p", help="The profile whose rows are meant.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gep {version('gep')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Gross Ecosystem Product (GEP, 生态产品总值): from rasters, tables and sourced coefficients to an exact account."""


@app.command()
def run(
    project: ProjectArgument = Path("gep.toml"),
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the result [default: gep-<code>-<year>].", show_default=False)
    ] = None,
    zones: Annotated[Path | None, typer.Option("--zones", help="Report for the polygons of this file instead (same column names).")] = None,
    maps: MapsOption = False,
    threads: ThreadsOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Compute in this many processes instead (needs the extra `dask`).")
    ] = None,
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compute the account of a project and write it to a folder."""
    _options.quiet, _options.as_json = quiet, as_json
    from gep.errors import UsageError
    from gep.output import check_folder, default_folder
    from gep.study import Study

    study = Study.open(project)
    if zones is not None:
        if not zones.exists():
            raise UsageError(f"--zones: there is no file {zones}.")
        study = study.with_zones(zones)
    folder = out or default_folder(study.spec.code, study.spec.name, study.spec.year)
    check_folder(folder)
    _compute(study, folder, threads, workers, lang, maps)


def _compute(study: Study, folder: Path, threads: int | None, workers: int | None, lang: Language, maps: bool = False) -> None:
    from datetime import UTC, datetime
    from time import perf_counter

    from gep.output import summary, write_run
    from gep.report.console import console, show_account, show_problems, word

    started, clock = datetime.now(UTC), perf_counter()
    with _progress(study.spec.name) as progress, _client(workers) as client:
        account: Account = study.run(threads=threads, client=client, progress=progress)
    took = perf_counter() - clock
    means = f"{workers} processes" if workers else f"{threads or 'all'} threads"

    def draw(fresh: Path) -> None:
        with _progress(f"{study.spec.name}: maps") as progress:
            study.maps(fresh / "maps", account=account, threads=threads, progress=progress)

    log = [f"{started.isoformat(timespec='seconds')} started", f"computed in {took:.2f} s with {means}"]
    write_run(account, folder, log, add=draw if maps else None)
    if _options.as_json:
        _print_json(summary(account))
        return
    out = console()
    if not _options.quiet:  # the services that are missing come below the result, with the reason
        remark = word("remark", lang.value)
        show_problems(account.about.problems, console(on_error=True), least="warning", hidden=("O01",), remark=remark, language=lang.value)
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
    """Compute the account of the embedded sample city. The city is synthetic: no place, no measurement, no statistic."""
    _options.quiet, _options.as_json = quiet, as_json
    from tempfile import TemporaryDirectory

    from gep.output import check_folder
    from gep.sample import open_sample_city

    check_folder(out)
    with TemporaryDirectory(prefix="gep-") as folder:
        _compute(open_sample_city(Path(folder)), out, threads, None, lang, maps)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new project; it must be empty or not exist.")],
    profile: ProfileOption = "ndrc-2022",
) -> None:
    """Write a commented project to start from: gep.toml, example tables, and synthetic rasters to replace one by one."""
    from gep.data import pick
    from gep.errors import UsageError
    from gep.profile import profile_ids
    from gep.report.console import console
    from gep.sample import write_sample_city

    pick(profile, profile_ids(), "profile")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder. It is left as it is: choose another.")
    path = write_sample_city(folder, profile=profile)
    console().print(f"Written: {path}. Everything in it is synthetic; README.txt says what to replace.", markup=False, soft_wrap=True)
    console().print(f"Next: gep check {path}, then gep run {path}", markup=False, soft_wrap=True)


@app.command()
def check(
    project: ProjectArgument = Path("gep.toml"),
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check every input of a project, computing nothing: all that would make `run` fail, at once."""
    _options.quiet, _options.as_json = quiet, as_json
    from gep.output import problems_document
    from gep.report.console import console, show_problems
    from gep.study import Study

    study = Study.open(project)
    with _progress(study.spec.name) as progress:
        problems = study.check(threads=threads, progress=progress)
    if as_json:
        _print_json(problems_document(problems))
    else:
        show_problems(problems, console(), least="error" if quiet else "information")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(4)


@coefficients_app.command("list")
def list_coefficients(profile: ProfileOption = "ndrc-2022", as_json: JsonOption = False) -> None:
    """The coefficients of a profile: name, unit, rows, how many are verified."""
    _options.as_json = as_json
    from gep.coefficients import Coefficients
    from gep.profile import load_profile
    from gep.report.console import console, rows_table

    rows = Coefficients(load_profile(profile).tables).rows
    listed = []
    for name in sorted({row.name for row in rows}):
        mine = [row for row in rows if row.name == name]
        listed.append(
            {"coefficient": name, "unit": mine[0].unit, "rows": len(mine), "verified": sum(row.status == "verified" for row in mine)}
        )
    if as_json:
        _print_json({"schema": 1, "profile": profile, "coefficients": listed})
        return
    console().print(
        rows_table(("coefficient", "unit", "rows", "verified"), [tuple(entry.values()) for entry in listed], right=("rows", "verified"))
    )


@coefficients_app.command("show")
def show_coefficient(
    name: Annotated[str, typer.Argument(help="The coefficient, like runoff_coefficient.")],
    ecosystem: Annotated[str, typer.Option("--ecosystem", "-e", help="Only rows of this ecosystem.")] = "",
    profile: ProfileOption = "ndrc-2022",
    as_json: JsonOption = False,
) -> None:
    """The rows of one coefficient: values, units, where they hold, sources, status."""
    _options.as_json = as_json
    from dataclasses import asdict

    from gep.coefficients import Coefficients, land_classes
    from gep.errors import UsageError, did_you_mean
    from gep.profile import load_profile
    from gep.report.coefficients import cited
    from gep.report.console import console, rows_table

    known = Coefficients(load_profile(profile).tables)
    if name not in known.names:
        raise UsageError(
            f"The profile {profile} has no coefficient `{name}`. {did_you_mean(name, known.names)} See `gep coefficients list`."
        )
    ecosystems = sorted({of for of, _ in land_classes()})
    if ecosystem and ecosystem not in ecosystems:
        raise UsageError(f"There is no ecosystem `{ecosystem}`. {did_you_mean(ecosystem, ecosystems)} There are: {', '.join(ecosystems)}.")
    rows = [row for row in known.rows if row.name == name and (not ecosystem or row.ecosystem in ("", ecosystem))]
    if as_json:
        _print_json({"schema": 1, "profile": profile, "coefficient": name, "rows": [asdict(row) for row in rows]})
        return
    out = console()
    if not rows:
        out.print(f"The profile {profile} has no {name} for {ecosystem}.")
        return
    where = ["/".join(part for part in (row.ecosystem, row.land_class) if part) or "any" for row in rows]
    columns = ("where", "value", "unit", "low", "high", "price year", "status", "source", "note")
    cells = [
        (place, f"{row.value:g}", row.unit, row.low, row.high, row.price_year, row.status, f"{row.source}, {row.locator}", row.note)
        for place, row in zip(where, rows, strict=True)
    ]
    kept = [i for i in range(len(columns)) if any(cell[i] not in (None, "") for cell in cells)]
    out.print(rows_table([columns[i] for i in kept], [[cell[i] for i in kept] for cell in cells], right=("value", "low", "high")))
    for source in dict.fromkeys(row.source for row in rows):
        out.print(f"{source}: {cited(source)}", markup=False, soft_wrap=True)


@coefficients_app.command("compare")
def compare_coefficient(
    name: Annotated[str, typer.Argument(help="The coefficient, like runoff_coefficient.")],
    ecosystem: Annotated[str, typer.Option("--ecosystem", "-e", help="Only rows of this ecosystem, and those of any.")] = "",
    region: Annotated[str, typer.Option("--region", "-r", help="Only rows of this region, and those of any.")] = "",
    price_year: Annotated[int | None, typer.Option("--price-year", help="Also in the money of this year, by consumer prices.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What the profiles use for one coefficient, and what other documents print for the same place."""
    _options.as_json = as_json
    from gep.errors import UsageError, did_you_mean
    from gep.report.coefficients import Comparison, known_names, show_comparison
    from gep.report.console import ECOSYSTEMS, console

    names = known_names()
    if name not in names:
        raise UsageError(f"There is no coefficient `{name}`. {did_you_mean(name, names)} See `gep coefficients list`.")
    if ecosystem and ecosystem not in ECOSYSTEMS:
        raise UsageError(f"There is no ecosystem `{ecosystem}`. {did_you_mean(ecosystem, ECOSYSTEMS)} There are: {', '.join(ECOSYSTEMS)}.")
    document = Comparison(name, price_year).document(ecosystem, region)
    if as_json:
        _print_json(document)
        return
    show_comparison(document, console())


@coefficients_app.command("check")
def check_coefficients(
    path: Annotated[Path | None, typer.Argument(help="A table of your own; all shipped data if not given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check coefficient tables, crosswalks and profiles; every problem with file and line."""
    _options.as_json = as_json
    from gep.checks.shipped import check_data
    from gep.output import problems_document
    from gep.report.console import console, show_problems

    rows, problems = check_data(path)
    if as_json:
        _print_json(problems_document(problems))
    else:
        show_problems(problems, console())
        console().print(f"{rows} rows checked.")
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(4)


@profiles_app.command("list")
def list_profiles(as_json: JsonOption = False) -> None:
    """The shipped profiles."""
    _options.as_json = as_json
    from gep.profile import load_profile, profile_ids
    from gep.report.console import console, rows_table

    listed = [load_profile(identifier) for identifier in profile_ids()]
    rows = [
        {"id": p.id, "level": p.level, "kind": p.kind, "services": len(p.rules), "name_en": p.name_en, "name_zh": p.name_zh} for p in listed
    ]
    if as_json:
        _print_json({"schema": 1, "profiles": rows})
        return
    console().print(
        rows_table(("id", "level", "kind", "services", "name", "名称"), [tuple(row.values()) for row in rows], right=("services",))
    )


@profiles_app.command("show")
def show_profile(
    identifier: Annotated[str, typer.Argument(metavar="PROFILE", help="The profile, like ndrc-2022.")],
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
) -> None:
    """What a profile counts: the service by ecosystem matrix, methods, what is provisional."""
    _options.as_json = as_json
    from gep.profile import load_profile
    from gep.report.console import console
    from gep.report.profiles import profile_document, show

    profile = load_profile(identifier)
    if as_json:
        _print_json(profile_document(profile))
        return
    show(profile, console(), lang.value)


@profiles_app.command("diff")
def diff_profiles(
    one: Annotated[str, typer.Argument(metavar="A", help="A profile.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    lang: LanguageOption = Language.en,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """What two profiles differ in, and what it does to the sample city's total, service by service."""
    _options.quiet, _options.as_json = quiet, as_json
    from gep.profile import load_profile
    from gep.report.console import console
    from gep.report.profiles import diff_document, show_diff
    from gep.sample import sample_accounts

    profiles = load_profile(one), load_profile(other)
    with _progress("Sample city") as progress:
        first, second = sample_accounts((one, other), progress=progress)
    document = diff_document(*profiles, (first, second))
    if as_json:
        _print_json(document)
        return
    show_diff(document, console(), lang.value)


def _print_json(document: Any) -> None:
    """One document on standard output, in plain ASCII where that is not written in UTF-8."""
    import json

    from gep.output import to_json

    is_utf8 = (sys.stdout.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")
    sys.stdout.write((to_json(document) if is_utf8 else json.dumps(document, indent=2, allow_nan=False)) + "\n")


@contextmanager
def _progress(name: str) -> Iterator[Progress | None]:
    """A bar on standard error that names the window and the zone, on a terminal; nothing elsewhere."""
    if _options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[zone]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{name}: window", total=None, zone="")

        def report(done: int, total: int, zone: str) -> None:
            bar.update(task, completed=done, total=total, zone=zone)

        yield report


@contextmanager
def _client(workers: int | None) -> Iterator[Any]:
    """A dask client with some processes of this machine, or None."""
    if workers is None:
        yield None
        return
    try:
        from dask.distributed import Client
    except ImportError:
        from gep.errors import MissingFeatureError

        raise MissingFeatureError.of("--workers", "dask") from None
    with Client(  # type: ignore[no-untyped-call]
        n_workers=workers, threads_per_worker=1, dashboard_address=None
    ) as client:
        yield client


def main() -> None:
    """The entry point: errors become messages and exit codes, never tracebacks."""
    _options.quiet = _options.as_json = False
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
    from gep.errors import GepError
    from gep.output import problems_document
    from gep.report.console import console, show_problems

    if isinstance(error, GepError):
        if _options.as_json:
            _print_json(problems_document(error.problems, error.message))
        out = console(on_error=True)
        out.print(error.message, style="bold red", markup=False, soft_wrap=True)
        if error.problems:
            show_problems(error.problems, out, least="error" if _options.quiet else "warning")
        return error.exit_code
    if hasattr(error, "show") and hasattr(error, "exit_code"):  # a usage error of click, which typer may carry under a name of its own
        error.show()
        return int(error.exit_code)
    return _internal(error)


def _internal(error: Exception) -> int:
    """A bug of ours: said as such, with the traceback in a file and not on the screen."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", suffix=".log", prefix="gep-", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    if _options.as_json:
        from gep.output import problems_document

        _print_json(problems_document([], f"internal error: {error}"))
    sys.stderr.write(
        f"Internal error: {type(error).__name__}: {error}\nThis is a fault of gep; nothing was written. Please report it with {file.name}.\n"
    )
    return 1


if __name__ == "__main__":
    main()
