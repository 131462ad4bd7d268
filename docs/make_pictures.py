"""Make the pictures of the README from the synthetic sample city: python docs/make_pictures.py"""

from __future__ import annotations

import tempfile
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import rasterio

from gep.study.sample.city import open_sample_city

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = open_sample_city(folder / "city")
        account = study.run()
        paths = study.maps(folder / "maps", account=account, services=["water_retention"], what=("quantity",))
        fig, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained", width_ratios=(1.15, 1))
        account.plot("composition", ax=axes[1])
        with rasterio.open(paths[0]) as source:
            density, unit = source.read(1, masked=True), source.units[0]
        image = axes[0].imshow(density, cmap="viridis")
        fig.colorbar(image, ax=axes[0], label=f"water retention, {unit}", shrink=0.85)
        axes[0].set_title("Sample City (synthetic)\nretained water where it counts", loc="left", fontsize=11)
        axes[0].axis("off")
        fig.savefig(Path(__file__).parent / "images" / "sample_city.png", dpi=110)
