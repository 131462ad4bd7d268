"""How long it takes to start: importing the package, the command line, the engine. Best of several runs, in fresh
processes.

python benchmarks/start_up.py
"""

from __future__ import annotations

import subprocess
import sys
from time import perf_counter

RUNS = 7
CASES = {
    "import gep": ([sys.executable, "-c", "import gep"], 0.1),
    "gep --help": ([sys.executable, "-m", "gep", "--help"], 0.3),
    "from gep.study.study import Study": ([sys.executable, "-c", "from gep.study.study import Study"], 1.5),
}


def seconds(command: list[str]) -> float:
    """Wall time of the fastest of several runs."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    empty = seconds([sys.executable, "-c", "pass"])
    print(f"{'an empty interpreter':32} {empty:6.3f} s")
    for name, (command, limit) in CASES.items():
        took = seconds(command)
        print(f"{name:32} {took:6.3f} s   (wanted below {limit} s){'' if took < limit else '   SLOWER'}")
