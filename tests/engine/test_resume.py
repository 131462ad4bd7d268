"""A run that was killed goes on where it was, to the same figures, or says why it cannot."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from builders import FOREST, LAKE, STEPPE, block, raster, water_layers, write_project, zones

from gep.cli.app import main
from gep.core.errors import UsageError
from gep.engine import kept
from gep.inputs import fingerprints
from gep.study import identity
from gep.study.folder import kept_windows
from gep.study.study import Study

ROWS, COLS = 1030, 1040
SQUARES = 9


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of nine squares, with a lake across some of them; the counties lie along the borders of squares."""
    random = np.random.default_rng(3)
    cover = random.choice(np.array([FOREST, STEPPE], dtype=np.uint8), (ROWS, COLS))
    cover[500:530, 300:1030] = LAKE
    layers = water_layers((ROWS, COLS), evapotranspiration=250.0)
    layers["precipitation"].values[:] = random.uniform(300, 700, (ROWS, COLS))
    west, east = (
        shapely.union(block(start, 490, end, 540), block(start, 1010, end, ROWS))
        for start, end in ((0, 800), (800, COLS))
    )
    counties = zones(west, east)
    return write_project(tmp_path_factory.mktemp("project"), raster(cover), layers, counties)


@pytest.fixture(scope="module")
def digest(project: Path) -> str:
    return Study.open(project).run(threads=1).digest


DRIVER = """
import contextlib, json, os, random, signal, sys, time
from pathlib import Path
from forked import preloaded
import gep.engine.kept as kept, gep.engine.run as run
from gep.cli.app import main
from gep.study.run import read_run

project, whole = sys.argv[1], Path(sys.argv[2])

def call(out):
    sys.argv = ["gep", "run", project, "--out", str(out), "--memory", "1", "--resume", "--quiet", "--json"]
    sys.stdout = open(os.devnull, "w")
    main()

def run_whole():
    with contextlib.suppress(SystemExit):
        call(whole)

preloaded(run_whole)
kept.EVERY = kept.SHARE = 0
compute = run.compute_window

def killed(place, seed):
    out, log = place / "out", place / "log"

    def slowly(*arguments):
        with log.open("a") as file:
            file.write("x")
        time.sleep(0.1)
        return compute(*arguments)

    run.compute_window = slowly
    draw, kills, ended = random.Random(seed), 0, None
    while ended is None:
        log.write_text("")
        child = os.fork()
        if child == 0:
            call(out)
        wanted, moment, status = draw.randint(2, 4), draw.random() * 0.2, None
        while status is None:
            if kills < 3 and len(log.read_text()) >= wanted:
                time.sleep(moment)
                os.kill(child, signal.SIGKILL)
                kills, status = kills + 1, os.waitpid(child, 0)[1]
            else:
                time.sleep(0.005)
                is_over, found = os.waitpid(child, os.WNOHANG)
                status = found if is_over else None
        code = os.waitstatus_to_exitcode(status)
        ended = None if code == -signal.SIGKILL else code
    left = sorted(path.name for path in place.iterdir())
    return [ended, kills, read_run(out).digest, len(log.read_text()), left]

print(json.dumps([killed(Path(place), seed) for seed, place in enumerate(sys.argv[3:], start=1)]))
"""
KILLED = 3


@pytest.fixture(scope="module")
def ends(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """How runs ended that were killed up to three times each: the code, the kills, the digest, the windows of the last
    start, what lies there.
    """
    places = [str(tmp_path_factory.mktemp("killed")) for _ in range(KILLED)]
    call = [sys.executable, "-c", DRIVER, str(project), str(tmp_path_factory.mktemp("whole") / "out"), *places]
    ours = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=300, env=ours)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
@pytest.mark.parametrize("number", range(KILLED))
def test_a_run_killed_at_any_moment_is_resumed(number: int, ends: list[list[Any]], digest: str) -> None:
    code, kills, found, computed, left = ends[number]
    assert (code, found) == (0, digest)
    assert kills >= 1  # all three but where few windows were left
    assert computed < SQUARES  # the last one had less to do
    assert left == ["log", "out"]


class Stopped(Exception):
    """In place of the end of a process."""


def stop_after(count: int):
    """A progress that ends the run after so many windows."""

    def progress(done: int, total: int, zone: str) -> None:
        if done > count:
            raise Stopped

    return progress


def seen_by(counts: list[int]):
    """A progress that notes how many windows there are."""
    return lambda done, total, zone: counts.append(total)


@pytest.fixture(scope="module")
def stopped(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a run that ended after four of nine windows."""
    file, study = tmp_path_factory.mktemp("stopped") / ".out.windows", Study.open(project)
    study.run(record=True)  # the hashes are known before the windows come
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "EVERY", 0)
        patch.setattr(kept, "SHARE", 0)
        with pytest.raises(Stopped):
            study.run(threads=1, window=512, keep=file, progress=stop_after(4))
    assert file.is_file()
    return file


@pytest.fixture
def place(stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to go on from or to spoil."""
    monkeypatch.setattr(kept, "EVERY", 0)
    monkeypatch.setattr(kept, "SHARE", 0)
    return Path(shutil.copy(stopped, tmp_path))


@pytest.mark.parametrize(("window", "left"), [(512, 5), (1024, 4)])
def test_other_windows_and_threads_go_on(window: int, left: int, place: Path, project: Path, digest: str) -> None:
    """Four of nine squares are done, the first row and one more: of four windows of 1024 each has some left."""
    counts: list[int] = []
    resumed = Study.open(project).run(threads=3, window=window, keep=place, resume=True, progress=seen_by(counts))
    assert resumed.digest == digest
    assert set(counts) == {left}


def test_without_asking_all_is_computed_anew(place: Path, project: Path, digest: str) -> None:
    counts: list[int] = []
    assert Study.open(project).run(window=512, keep=place, progress=seen_by(counts)).digest == digest
    assert counts[0] == SQUARES


def refused(project: Path, place: Path) -> UsageError:
    with pytest.raises(UsageError) as stopped:
        Study.open(project).run(keep=place, resume=True)
    assert place.is_file()
    return stopped.value


def test_changed_inputs_are_refused(place: Path, project: Path, tmp_path: Path) -> None:
    rain = project.parent / "precipitation.tif"
    before = rain.read_bytes()
    try:
        rain.write_bytes(before + b"\0")
        message = refused(project, place).message
    finally:
        rain.write_bytes(before)
    assert "Since then changed: `precipitation`." in message
    assert "此后有变动：`precipitation`。" in message.zh


def test_another_project_is_refused(place: Path, project: Path) -> None:
    before = project.read_text(encoding="utf-8")
    try:
        project.write_text(before.replace('code = "0100"', 'code = "0200"'), encoding="utf-8")
        message = refused(project, place).message
    finally:
        project.write_text(before, encoding="utf-8")
    assert "the project, the profile or the coefficients" in message
    assert "项目设定、核算方案或系数" in message.zh


def test_another_gep_is_refused(place: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "environment", lambda: {**fingerprints.environment(), "numpy": "0"})
    message = refused(project, place).message
    assert "gep or the libraries that it rests on" in message
    assert "gep 或其依赖的程序库" in message.zh


@pytest.mark.parametrize("keep", [0, 10, -1])
def test_half_a_file_is_refused(keep: int, place: Path, project: Path) -> None:
    place.write_bytes(place.read_bytes()[:keep])
    message = refused(project, place).message
    assert "damaged" in message
    assert "已损坏" in message.zh


class Hostile:
    def __reduce__(self):
        return os.system, ("true",)


def test_nothing_but_sums_is_read(place: Path, project: Path) -> None:
    line, content = place.read_bytes().split(b"\n", 1)
    evil = pickle.dumps(Hostile())
    header = json.loads(line) | {"sha256": kept.hashlib.sha256(evil).hexdigest()}
    place.write_bytes(json.dumps(header).encode() + b"\n" + evil)
    assert content
    assert "damaged" in refused(project, place).message


def test_a_file_that_changed_meanwhile_is_not_kept(project: Path, tmp_path: Path, monkeypatch) -> None:
    """Windows that were read before and after a change are of no one input."""
    monkeypatch.setattr(kept, "EVERY", 0)
    rain, file = project.parent / "precipitation.tif", tmp_path / ".out.windows"
    about, study = rain.stat(), Study.open(project)
    study.run()
    os.utime(rain, ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    with pytest.raises(Stopped):
        study.run(threads=1, window=512, keep=file, progress=stop_after(5))
    assert not file.exists()


def test_ctrl_c_says_what_is_kept(project: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    out = tmp_path / "out"

    def interrupted(self: Study, *, keep: Path, **more: object) -> None:
        keep.write_bytes(b"")
        raise KeyboardInterrupt

    monkeypatch.setattr(Study, "run", interrupted)
    monkeypatch.setattr(sys, "argv", ["gep", "run", str(project), "--out", str(out), "--lang", "zh"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 130
    said = capsys.readouterr().err
    assert kept_windows(out).name in said
    assert "--resume" in said
