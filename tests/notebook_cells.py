"""For notebooks: their cells run in a shell of IPython, each notebook in a process of its own that is forked from one
which has loaded what they all load: `python notebook_cells.py FOLDER NOTEBOOK...` writes `FOLDER/NAME.json` of each.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from drawn import drawn_once

import gep

LOADED = ("IPython.core.pylabtools", "dask.distributed", "geopandas", "matplotlib.pyplot", "pandas", "rasterio")


def shown_by(path: Path) -> list[dict[str, Any]]:
    """What the cells of a notebook show, as a kernel would tell it, to the first that fails."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output
    from matplotlib import pyplot as plt

    class Shell(InteractiveShell):
        def enable_gui(self, gui: str | None = None) -> None:
            """There is no window."""

    os.chdir(path.parent)
    shell = Shell.instance()
    shell.run_line_magic("matplotlib", "inline")
    plt.uninstall_repl_displayhook()  # a picture is shown where its cell ends: it need not be drawn before
    shown: list[dict[str, Any]] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        with capture_output() as captured:
            done = shell.run_cell("".join(cell["source"]), store_history=True)
        shown += [{"output_type": "display_data", "data": dict(output.data)} for output in captured.outputs]
        error = done.error_before_exec or done.error_in_exec
        if error is not None:
            told = captured.stdout + "".join(traceback.format_exception(error))
            return [*shown, {"output_type": "error", "data": {"text/plain": told}}]
    return shown


def main(folder: Path, notebooks: list[Path]) -> None:
    for module in LOADED:
        importlib.import_module(module)
    for name in gep.__all__:
        getattr(gep, name)
    with drawn_once(folder / "drawn"):
        gep.open_sample_city(folder / "city")
        gc.collect()
        gc.freeze()
        for path in notebooks:
            child = os.fork()
            if child == 0:
                answer = json.dumps(shown_by(path), default=str)
                (folder / f"{path.stem}.json").write_text(answer, encoding="utf-8")
                os._exit(0)
            os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name).resolve() for name in sys.argv[2:]])
