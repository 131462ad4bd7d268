"""Feeds mutated files to the readers until one of them ends in a traceback: `gep` must answer each by a GepError.

python tests/bad_inputs/fuzz.py toml|csv|coefficients|tiff|xlsx|zones [--seconds N] [--keep FOLDER]

It needs atheris (`pip install atheris`), which guides the mutations by what code they reach, and no network. Every kind
of traceback is written once into FOLDER, the bytes beside it; what was found becomes a case of the tests beside this
file, which pytest collects.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

NO_ATHERIS = "atheris is not installed, and does not install everywhere: nothing was tried (pip install atheris)."
LONGEST = 1 << 16
"""Bytes of an input: headers and tables of this size reach every branch."""


class Target(NamedTuple):
    """What is fed: the inputs to begin with, and what reads one."""

    seeds: list[bytes]
    read: Callable[[bytes], object]


def project_file(folder: Path) -> Target:
    """`gep.toml`, with the inputs that it names."""
    from gep.study.study import Study

    path = folder / "gep.toml"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        assert Study.open(path).inputs

    return Target([path.read_bytes(), (folder / "more.toml").read_bytes()], read)


def statistics(folder: Path) -> Target:
    """A table of statistics."""
    from gep.inputs.tables import read_tables

    path = folder / "statistics.csv"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        read_tables({"statistics": path}, {"0101": "West", "0102": "East"}, 2020)

    return Target([path.read_bytes()], read)


def coefficients(folder: Path) -> Target:
    """A table of coefficients of a study's own."""
    from gep.standards.coefficients import read_coefficients

    path = folder / "coefficients.csv"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        read_coefficients(path, is_shipped=False)

    return Target([path.read_bytes()], read)


def raster(folder: Path) -> Target:
    """The header and the cells of a GeoTIFF."""
    from gep.inputs.grids.layers import LayerSpec
    from gep.inputs.grids.open import open_layer

    path = folder / "precipitation.tif"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        layer = open_layer(LayerSpec("precipitation", path), unit="mm/year", monthly_unit="mm")
        rows, cols = (min(side, MOST_CELLS) for side in (layer.lattice.rows, layer.lattice.cols))
        block = layer.open().read(0, rows, 0, cols)
        layer.decode(block.raw, block.hidden)

    return Target([path.read_bytes(), (folder / "tiled.tif").read_bytes()], read)


MOST_CELLS = 256
"""Rows and columns that are read: a header may announce any number."""


def workbook(folder: Path) -> Target:
    """One part of a workbook: which one says the first byte, so that no mutation is lost on a checksum."""
    from gep.inputs.tables import read_tables

    path = folder / "statistics.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(parts)

    def read(raw: bytes) -> None:
        changed = {**parts, names[raw[0] % len(names)]: raw[1:]} if raw else parts
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, content in changed.items():
                archive.writestr(name, content)
        path.write_bytes(made.getvalue())
        read_tables({"statistics": path}, {"0101": "West", "0102": "East"}, 2020)

    return Target([bytes([i]) + parts[name] for i, name in enumerate(names)], read)


def zones(folder: Path) -> Target:
    """A file of polygons."""
    import pyproj

    from gep.inputs.grids.polygons import read_zones

    path, crs = folder / "counties.geojson", pyproj.CRS.from_epsg(4326)

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        read_zones(path, crs=crs, code="code", name="name_zh")

    return Target([path.read_bytes()], read)


TARGETS: dict[str, Callable[[Path], Target]] = {
    "toml": project_file,
    "csv": statistics,
    "coefficients": coefficients,
    "tiff": raster,
    "xlsx": workbook,
    "zones": zones,
}


def prepare(folder: Path) -> None:
    """A small sound project, with one more of each kind of file."""
    import numpy as np
    import openpyxl
    import projects
    import rasterio

    projects.write(folder)
    more = projects.merged(projects.document(), {"methods": {"water_retention": {"negative": "zero"}}})
    more |= {"waivers": {"O20": {"name": "A. Person", "reason": "known"}}, "prices": {"year": 2020}}
    (folder / "more.toml").write_text(projects.write_toml(folder / "more.toml", more).read_text(encoding="utf-8"))
    row = "runoff_coefficient,forest,,4.65,percent,,yearbook"
    (folder / "coefficients.csv").write_text(f"{projects.COEFFICIENT_HEADING}\n{row}\n", encoding="utf-8")
    with rasterio.open(folder / "precipitation.tif") as file:
        profile = file.profile | {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}
        values = file.read()
    with rasterio.open(folder / "tiled.tif", "w", **profile) as file:
        file.write(values.astype(np.float32))
        file.update_tags(1, units="mm")
        file.scales = (0.1,)
    book = openpyxl.Workbook()
    for line in [projects.HEADING, *projects.STATISTICS]:
        book.active.append(line.split(","))
    book.save(folder / "statistics.xlsx")


def fed(target: Target, keep: Path) -> Callable[[bytes], None]:
    """What atheris calls: a traceback is kept, once for each place of ours that it comes from."""
    from gep.core.errors import GepError

    known: set[str] = set()
    unraised: list[BaseException] = []
    sys.unraisablehook = lambda ignored: unraised.append(ignored.exc_value or RuntimeError())

    def found(error: BaseException, raw: bytes) -> None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/gep/" in frame.filename]
        where = f"{Path(frames[-1].filename).stem}-{frames[-1].lineno}" if frames else "outside"
        name = f"{type(error).__name__}-{where}"
        if name not in known:
            known.add(name)
            (keep / f"{name}.bin").write_bytes(raw)
            (keep / f"{name}.txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
            sys.stderr.write(f"FOUND {name}: {error}\n")

    def one(raw: bytes) -> None:
        try:
            target.read(raw)
        except GepError as error:
            error.in_language("zh")
        except Exception as error:
            found(error, raw)
        while unraised:  # printed by Python with their traceback, though nothing stops
            found(unraised.pop(), raw)

    return one


def main() -> int:
    """Feed one kind of file for a while; 1 where a traceback was found, 0 where none was, 2 where nothing was tried."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    asked = parser.parse_args()
    try:
        atheris = importlib.import_module("atheris")  # no part of any extra: it does not install everywhere
    except ImportError:
        sys.stderr.write(f"{NO_ATHERIS}\n")
        return 2
    with atheris.instrument_imports(include=["gep"]):
        importlib.import_module("gep.study.study")
    keep = asked.keep / asked.kind
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder, corpus = Path(name) / "project", Path(name) / "corpus"
        corpus.mkdir()
        prepare(folder)
        child = os.fork()  # libFuzzer ends its process
        if not child:
            target = TARGETS[asked.kind](folder)
            for number, seed in enumerate(target.seeds):
                (corpus / str(number)).write_bytes(seed)
            limits = [
                "-rss_limit_mb=4096",
                "-report_slow_units=60",
                f"-max_total_time={asked.seconds}",
                f"-max_len={LONGEST}",
                "-timeout=60",
            ]
            atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={keep}/", str(corpus)], fed(target, keep))
            atheris.Fuzz()
        _, status = os.waitpid(child, 0)
    found = sorted(path.name for path in keep.iterdir() if path.suffix != ".txt")
    sys.stdout.write(f"{asked.kind}: {len(found)} found {' '.join(found)}\n")
    return 1 if found or status else 0


if __name__ == "__main__":
    sys.exit(main())
