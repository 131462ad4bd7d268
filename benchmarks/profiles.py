"""Where the time goes by which a target is missed: `python -m benchmarks --profile WHAT`.

Of the pass over cells by function, of a whole command by all that its functions call, in processor time of each thread.
The profiler itself takes time where functions are small: shares say more than seconds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.cases import Bench
from benchmarks.measure import ROOT

HULUNBUIR = ROOT.parent / "shared" / "data" / "hulunbuir" / "gep.toml"


def _fine(bench: Bench) -> str:
    return bench.project(side=bench.level.large)


PASSES: Mapping[str, Callable[[Bench], dict[str, str]]] = {
    "totals": lambda bench: {"13 zones": bench.project(side=bench.level.middle)},
    "coarse": lambda bench: {"4 of 12 layers coarse": bench.project("coarse", side=bench.level.middle)},
    "zones": lambda bench: {
        f"{zones:,} zones": bench.project(side=bench.level.middle, zones=zones)
        for zones in (13, max(bench.level.zones))
    },
    "services": lambda bench: {"all services": bench.project("city", times=bench.level.city)},
}
"""Totals of some projects, by one thread."""

COMMANDS: Mapping[str, Callable[[Bench], list[str]]] = {
    "run": lambda bench: ["run", _fine(bench)],
    "maps": lambda bench: ["run", bench.project(side=bench.level.middle), "--maps"],
    "check": lambda bench: ["check", _fine(bench)],
    "demo": lambda bench: ["demo"],
    "hulunbuir": lambda bench: ["run", str(HULUNBUIR)],
}


def show(bench: Bench, what: str) -> None:
    """Print the profile of one of them."""
    if what in PASSES:
        for name, project in PASSES[what](bench).items():
            for loop in bench.loops:
                found = bench.call("profile", project=project, loop=loop, most=40)
                print(f"{name}, {loop}: {found['total']:.0f} ns a cell with the profiler on\n  own   whole    calls")
                for own, whole, calls, function in found["rows"]:
                    print(f"{own:5.1f} {whole:7.1f} {calls:8d}  {function}")
        return
    with tempfile.TemporaryDirectory() as folder:
        arguments = [*COMMANDS[what](bench), "--quiet", *(() if what == "check" else ("--out", f"{folder}/run"))]
        found = bench.call_apart("profile_command", arguments=arguments, least=0.01)
    print(f"gep {' '.join(arguments[:2])}: {found['total']:.2f} s of processor time with the profiler on\nshare  own")
    for whole, own, function in found["rows"]:
        print(f"{whole:4.0%} {own:5.1%}  {function}")


def profile_command(arguments: list[str], least: float) -> dict[str, Any]:
    """What functions of gep, and modules of libraries as they are imported, take of a command with all that they call:
    those that take at least such a share of it.
    """
    import cProfile
    import pstats
    import sys
    import threading
    from time import thread_time

    profiles: list[cProfile.Profile] = []

    def begin(*_: object) -> None:
        profiles.append(cProfile.Profile(thread_time, builtins=False))
        profiles[-1].enable()

    threading.setprofile(begin)  # each thread has a profiler of its own
    begin()
    sys.argv = ["gep", *arguments]
    printed, sys.stdout = sys.stdout, sys.stderr
    try:
        from gep.cli.app import main

        main()
    except SystemExit as ended:
        if ended.code:
            raise
    finally:
        threading.setprofile(None)  # type: ignore[arg-type]  # typeshed does not know that None takes it away
        profiles[0].disable()
        sys.stdout = printed
    stats = pstats.Stats(profiles[0])
    for profile in profiles[1:]:
        profile.create_stats()
        stats.add(profile)
    total = sum(own for _, _, own, _, _ in stats.stats.values())
    rows = []
    for (file, line, name), (_, _, own, whole, _) in stats.stats.items():
        is_ours = "/gep/" in file
        if whole >= least * total and (is_ours or (name == "<module>" and "site-packages/" in file)):
            short = file.rpartition("/gep/" if is_ours else "site-packages/")[2]
            rows.append([whole / total, own / total, f"{short}:{line} {name}"])
    return {"total": total, "rows": sorted(rows, reverse=True)}
