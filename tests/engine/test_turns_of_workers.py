"""Windows are dealt to the threads of all workers by turns: none waits while another has all of them."""

from collections import Counter
from types import SimpleNamespace

import pytest

from gep.engine import run
from gep.inputs.grids.grid import Square

distributed = pytest.importorskip("dask.distributed")


class Client:
    """Notes where each task is to be computed, and computes none."""

    loop = None

    def __init__(self, **threads: int) -> None:
        self.threads, self.places = threads, []

    def ncores(self) -> dict[str, int]:
        return self.threads

    def submit(self, function, *_, workers=None, allow_other_workers=False, **__):
        if function is run.compute_batch:
            self.places.append((*(workers or ()), allow_other_workers))
        return SimpleNamespace(key=len(self.places), release=lambda: None)

    def run(self, *_, **__) -> None:
        pass


@pytest.fixture(autouse=True)
def _nothing_is_computed(monkeypatch):
    monkeypatch.setattr(distributed, "as_completed", lambda futures, *_, **__: ((future, []) for future in futures))


def dealt(client: Client, count: int) -> int:
    """How many windows came back of so many."""
    windows = [[Square(row, row + 1, 0, 1)] for row in range(count)]
    return sum(len(batch) for batch, _ in run._by_client(None, windows, client))


@pytest.mark.parametrize("count", [1, 4, 9, 40, 300])
def test_each_thread_has_its_share(count: int):
    client = Client(one=1, two=2)
    assert dealt(client, count) == count
    of = Counter(place for place, _ in client.places)
    per_thread = [of["one"], of["two"] / 2]
    assert max(per_thread) - min(per_thread) <= 1
    assert all(may_move for _, may_move in client.places)  # to others, where a worker is lost or slow


def test_a_cluster_without_workers_yet_may_choose():
    client = Client()
    assert dealt(client, 3) == 3
    assert set(client.places) == {(False,)}
