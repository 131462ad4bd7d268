"""`gep run` on a dask cluster: the figures of a run by threads, also where a worker is lost on the way."""

import os
import signal
import threading
from pathlib import Path

import projects
import pytest
from projects import Gep

from gep.engine import run as engine
from gep.plan.planner import make_plan

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")


@pytest.fixture
def gep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Gep:
    return projects.caller(monkeypatch, capsys, tmp_path / "here")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None
    ) as made:
        yield made


def test_the_digest_is_that_of_threads_and_the_cluster_stays(gep: Gep, sample_city, sample_account, cluster, tmp_path):
    for name in ("a", "b"):
        said = gep("run", sample_city, "-o", tmp_path / name, "--scheduler", cluster.scheduler_address, "--json")
        assert said.code == 0, said.err
        assert said.document["digest"] == sample_account.digest
    assert "by a cluster" in (tmp_path / "b" / "run.log").read_text(encoding="utf-8")


def test_a_lost_worker_changes_nothing(sample_study, sample_account, cluster):
    plan = make_plan(sample_study.inputs).plan
    with distributed.Client(cluster) as client:
        pids = client.run(os.getpid)
        lost = threading.Timer(0.2, os.kill, (min(pids.values()), signal.SIGKILL))
        lost.start()
        sums = engine.run(plan, client=client, window=512)
        lost.join()
        assert sorted(pids.values())[0] not in set(client.run(os.getpid).values())
    here = engine.run(plan, window=512)
    for key, found in here.flows.items():
        for one, other in zip(found.arrays(), sums.flows[key].arrays(), strict=True):
            assert one.tobytes() == other.tobytes(), key


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--scheduler", "tcp://127.0.0.1:9"), "No dask scheduler answers at tcp://127.0.0.1:9"),
        (("--scheduler", "nowhere"), "No dask scheduler answers at nowhere"),
        (("--scheduler", "tcp://127.0.0.1:9", "--workers", "1"), "not both"),
    ],
)
def test_what_is_no_cluster_is_told(gep: Gep, sample_city, tmp_path, monkeypatch, given, expected):
    from gep.cli import cluster as module

    monkeypatch.setattr(module, "SECONDS_TO_CONNECT", 1)
    said = gep("run", sample_city, "-o", tmp_path / "a", *given)
    assert said.code != 0
    assert expected in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "a").exists()
