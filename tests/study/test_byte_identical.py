"""Two runs on the same inputs are the same bytes: other folders, threads and windows, another process with another
order of hashes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gep.study.folder import write_run
from gep.study.study import Study


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the log, which alone may hold clock times and the name of the machine."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != "run.log"
    }


MAPPED = ("water_retention", "soil_retention", "climate_regulation")

ELSEWHERE = f"""
import sys
from pathlib import Path
from gep.study.folder import write_run
from gep.study.study import Study

study = Study.open(sys.argv[1])
account = study.run(threads=3, window=2048)


def add_maps(fresh):
    study.maps(fresh / "maps", {MAPPED}, account=account, threads=3)


write_run(account, Path(sys.argv[2]), ["another log"], add=add_maps)
"""


@pytest.fixture(scope="module")
def runs(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample city with some maps: here in one thread and small windows; from a copy elsewhere in threads, in a
    process of its own.
    """
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there") / "and" / "deeper"
    study = Study.open(shutil.copytree(sample_city, here / "city"))
    account = study.run(threads=1, window=512)
    write_run(
        account,
        here / "run",
        ["a log"],
        add=lambda fresh: study.maps(fresh / "maps", MAPPED, account=account, threads=1),
    )
    project = shutil.copytree(here / "city", there / "city") / "gep.toml"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai"}
    arguments = [sys.executable, "-c", ELSEWHERE, str(project), str(there / "run")]
    subprocess.run(arguments, check=True, cwd=there, env=environment, timeout=120)
    return here / "run", there / "run"


def test_two_runs_are_the_same_bytes(runs: tuple[Path, Path]):
    first, second = map(content, runs)
    assert set(first) == set(second)
    assert {"account.csv", "summary.json", "run.json", "ro-crate-metadata.json"} <= set(first)
    assert sum(name.startswith("maps/") for name in first) > 5
    assert [name for name in first if first[name] != second[name]] == []


def test_the_log_is_the_only_file_that_tells_them_apart(runs: tuple[Path, Path]):
    first, second = ((folder / "run.log").read_text(encoding="utf-8") for folder in runs)
    assert first != second
