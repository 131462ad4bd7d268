"""Notebooks run from top to bottom, in a fresh process: the first by its kernel as a person would run it, the others by
the shell that kernels have, which spares each of them to start and to load one. The build of the documentation runs all
of them by kernels.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OF_KERNELS = NOTEBOOKS[:1] if hasattr(os, "fork") else NOTEBOOKS

Shown = list[dict[str, Any]]


def shown_by_kernel(path: Path) -> Shown:
    nbformat = pytest.importorskip("nbformat", reason="the extra `notebook` is not installed")
    client = pytest.importorskip("nbclient", reason="the extra `notebook` is not installed")
    pytest.importorskip("ipykernel", reason="the extra `notebook` is not installed")
    notebook = nbformat.read(path, as_version=4)
    client.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module")
def shown_by_shell(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Shown]:
    pytest.importorskip("ipykernel", reason="the extra `notebook` is not installed")
    folder = tmp_path_factory.mktemp("shown")
    notebooks = [str(path) for path in NOTEBOOKS if path not in OF_KERNELS]
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    command = [sys.executable, str(Path(__file__).with_name("notebook_cells.py")), str(folder), *notebooks]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr

    def told(path: Path) -> Shown:
        answer = folder / f"{path.stem}.json"
        assert answer.is_file(), f"its process ended before it told anything\n{done.stderr}"
        return json.loads(answer.read_text(encoding="utf-8"))

    return told


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel draws inline
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells), "notebooks are committed without output"
    by_kernel = path in OF_KERNELS
    shown = shown_by_kernel(path) if by_kernel else request.getfixturevalue("shown_by_shell")(path)
    assert [output for output in shown if output["output_type"] == "error"] == []
    assert any("image/png" in output.get("data", {}) for output in shown), "a first account has pictures"
