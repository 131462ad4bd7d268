"""A map as cloud-optimised GeoTIFF: what a viewer needs first stands first in the file, and overviews are in it.

It is a second step, for overviews can be made, and what comes first be known, only once the map is complete. Overviews
are for looking at: no figure is taken from them.
"""

from __future__ import annotations

from pathlib import Path

import rasterio.shutil

from gep.inputs.grids.files import gdal
from gep.inputs.grids.grid import SQUARE


def make_cog(
    path: Path, target: Path, *, is_of_classes: bool, threads: int = 1, compress: str = "ZSTD", level: int = 1
) -> None:
    """Write a map as cloud-optimised GeoTIFF to another file: cell for cell the same, with all that it says of itself.
    Overviews have the mean of the cells that have a number, of classes the commonest. The bytes do not depend on the
    threads.
    """
    with gdal():
        rasterio.shutil.copy(
            path,
            target,
            driver="COG",
            compress=compress,
            level=level,
            predictor="NO" if is_of_classes else "STANDARD",
            blocksize=SQUARE,
            overview_resampling="MODE" if is_of_classes else "AVERAGE",
            bigtiff="IF_SAFER",
            statistics="NO",
            num_threads=max(1, threads),
        )
