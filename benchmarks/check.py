"""How long `gep check` takes beside `gep run` on one large grid: at most a tenth of it, or 3 s.

python benchmarks/check.py [cells along a side: 10000 are 1e8 cells]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from engine import made_study

if __name__ == "__main__":
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        study = made_study(Path(name), side)
        start = perf_counter()
        found = study.check()
        checked = perf_counter() - start
        study = study.from_spec(study.spec)  # opened anew, as `gep run` does
        start = perf_counter()
        study.run()
        ran = perf_counter() - start
    share = checked / ran
    verdict = "within" if checked <= max(3.0, ran / 10) else "BEYOND"
    took = f"check {checked:.1f} s, run {ran:.1f} s, {share:.0%}: {verdict}"
    print(f"{side * side:.0e} cells, {len(found)} findings: {took}")
