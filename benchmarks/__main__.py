"""`python -m benchmarks`: measure, and print the table with the verdict of every target."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.cases import CASES, Bench, measure
from benchmarks.levels import LEVELS
from benchmarks.profiles import COMMANDS, PASSES, show
from benchmarks.report import document, text


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast gep is on this machine.")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_const", const="small", dest="level", help="small grids: only a report")
    size.add_argument("--full", action="store_const", const="full", dest="level", help="up to 100 million cells")
    size.add_argument("--large", action="store_const", const="large", dest="level", help="up to 400 million cells")
    size.add_argument("--tiny", action="store_const", const="tiny", dest="level", help=argparse.SUPPRESS)
    parser.set_defaults(level="usual")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()), help="where made rasters are kept")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument(
        "--profile",
        nargs="?",
        const="totals",
        choices=(*PASSES, *COMMANDS),
        metavar="WHAT",
        help=f"only where the time goes of {', '.join((*PASSES, *COMMANDS))} (totals if nothing is said)",
    )
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE", help="; ".join(CASES))
    given = parser.parse_args(arguments)
    start = perf_counter()

    def tell(what: str) -> None:
        cpu = sum(os.times()[:4])  # of this process and of those that ended
        print(f"{perf_counter() - start:5.0f} s, {cpu:4.0f} s CPU: {what}", file=sys.stderr, flush=True)

    level = LEVELS[given.level]
    if given.profile:
        show(Bench(level, given.data), given.profile)
        return
    bench = measure(level, given.data, given.only, tell)
    found = document(bench, bench.call("machine"))
    print(json.dumps(found, indent=2, ensure_ascii=False) if given.json else text(found))
    tell("end")


if __name__ == "__main__":
    main()
