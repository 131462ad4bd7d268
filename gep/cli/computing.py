"""Computing one account for a command: with a bar of progress, into a folder, shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copy2, copytree
from typing import TYPE_CHECKING

from gep.cli.accounts import show_beside, write_beside
from gep.cli.cluster import client_of
from gep.cli.common import LoopName, options, progress_bar, study_name, tell
from gep.cli.results import make, show_made
from gep.cli.uncertainty import show_sureness, sureness_of, write_sureness
from gep.core.messages import Text, say, sentences

if TYPE_CHECKING:
    from gep.account.account import Account
    from gep.assets.account import AssetAccount
    from gep.study.study import Study


def compute(
    study: Study,
    folder: Path,
    threads: int | None,
    workers: int | None,
    maps: bool = False,
    given: Sequence[str] = (),
    with_report: bool = False,
    loop: LoopName = LoopName.auto,
    scheduler: str | None = None,
    *,
    memory: float | None = None,
    resume: bool = False,
    cog: bool = False,
    intervals: bool = False,
    is_shown: bool = True,
    beside: Sequence[AssetAccount] = (),
    run: Callable[..., Account] | None = None,
) -> Account:
    """The account of a study, computed and written into a folder; shown, unless `is_shown` says otherwise.
    The accounts `beside` it go into the same folder. Where its cells are passed over with those of other studies, `run`
    stands in place of its own.
    """
    from datetime import UTC, datetime
    from time import perf_counter

    from gep.core.errors import InputError, UsageError
    from gep.engine.memory import keep
    from gep.engine.windows import MEMORY
    from gep.study.folder import kept_windows, write_run

    keep()
    language, name = options.language, study_name(study.spec)
    started, clock = datetime.now(UTC), perf_counter()
    memory, kept_file = MEMORY if memory is None else memory, kept_windows(folder)
    try:
        with progress_bar(name) as progress, client_of(workers, scheduler) as client:
            account = (run or study.run)(
                threads=threads,
                memory=memory,
                client=client,
                progress=progress,
                loop=loop.value,
                keep=kept_file,
                resume=resume,
            )
    except KeyboardInterrupt:
        if kept_file.is_file():
            options.left = sentences(options.left or "", say("cli.left.windows", path=kept_file))
        raise
    except InputError:
        if not resume:  # a disk that is not there yet is no reason to lose what was computed
            kept_file.unlink(missing_ok=True)
        raise

    with_maps = maps or with_report  # a report shows them
    found, refused = None, None
    try:
        found = sureness_of(study, account, threads) if intervals else None
    except UsageError as error:  # what was computed is not lost with it
        refused = error
    written = account.with_intervals(found) if found else account

    def add(fresh: Path) -> None:
        if found:
            write_sureness(found, fresh)
        write_beside(beside, study.spec.year, fresh)
        if with_maps:
            with progress_bar(say("cli.maps_of", name=name).to(language)) as progress:
                study.maps(fresh / "maps", account=account, threads=threads, memory=memory, progress=progress, cog=cog)

    log = [
        say("cli.log.started", time=started.isoformat(timespec="seconds")).to(language),
        *given,
        _took(perf_counter() - clock, threads, workers, scheduler).to(language),
    ]
    kept = write_run(written, folder, log, add=add, language=language)
    kept_file.unlink(missing_ok=True)
    options.left = say("cli.left.folder", folder=folder)
    if kept:
        tell("cli.kept", folder=kept)
    if is_shown and not options.as_json:
        _show(written, folder)
        if found:
            show_sureness(written, found)
        show_beside(beside, folder)
    if with_report:
        _report_of(folder)
    if refused:
        raise UsageError(say("uncertainty.run_without", folder=folder, why=refused.message)) from refused
    return account


def write_again(account: Account, folder: Path, beside: Sequence[AssetAccount]) -> None:
    """Write a finished run again as it lies in its folder, with other accounts `beside` it. What was made of it for
    people has shown those before, and goes.
    """
    from gep.study.folder import write_run
    from gep.study.run import LOG, SPREADS, SURENESS, UNCERTAINTY

    def add(fresh: Path) -> None:
        for name in ("maps", UNCERTAINTY, SURENESS, SPREADS):
            if (folder / name).is_dir():
                copytree(folder / name, fresh / name)
            elif (folder / name).is_file():
                copy2(folder / name, fresh / name)
        copy2(folder / LOG, fresh / LOG)
        write_beside(beside, account.about.year, fresh)

    if kept := write_run(account, folder, add=add, language=options.language):
        tell("cli.kept", folder=kept)


def _report_of(folder: Path) -> None:
    """All of a report that is installed, of the run that was just written. `--json` prints the run alone."""
    from gep.report.options import ReportOptions
    from gep.study.run import read_run

    options.left = say("cli.left.no_report", folder=folder)
    made = make(read_run(folder), folder, [], ReportOptions(options.language))
    options.left = say("cli.left.folder", folder=folder)
    if not options.as_json:
        show_made(made)


def _took(seconds: float, threads: int | None, workers: int | None, scheduler: str | None) -> Text:
    """How long the computing took, and with what."""
    if scheduler:
        return say("cli.log.computed_by_cluster", seconds=seconds)
    if workers:
        return say("cli.log.computed_by_processes", seconds=seconds, count=workers)
    if threads:
        return say("cli.log.computed_by_threads", seconds=seconds, count=threads)
    return say("cli.log.computed", seconds=seconds)


def _show(account: Account, folder: Path) -> None:
    """The result as tables; on standard error what is wrong with it, but for the services that are missing: these come
    below the result, with the reason.
    """
    from gep.report.console import console, show_problems, word
    from gep.report.result import show_account

    language = options.language
    if not options.quiet:
        show_problems(
            account.about.problems,
            console(on_error=True),
            least="warning",
            hidden=("O01",),
            remark=word("remark", language),
            language=language,
        )
    out = console()
    show_account(account, out, language)
    out.print(say("cli.written", folder=folder).to(language), markup=False, soft_wrap=True)


@contextmanager
def unwritten_told() -> Iterator[None]:
    """What the system says of a disk that takes no more, as an error of the call and not of the program."""
    from rasterio.errors import RasterioError

    from gep.core.errors import UsageError, failure

    try:
        yield
    except (OSError, RasterioError) as error:
        raise UsageError(say("cli.no_space", error=failure(error))) from error
