"""Make the pictures of the README and of CONTRIBUTING, in `docs/images`: python docs/make_pictures.py

Beside them `pictures.json` keeps a sha256 of what each was made from; a test says when a picture is stale.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rooms

from gep.core.units import linear
from gep.study.sample.city import open_sample_city

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gep.account.account import Account

IMAGES = Path(__file__).resolve().parent / "images"


def fingerprint(made_from: Any) -> str:
    """sha256 of what a picture was made from."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def made_from_account(account: Account) -> list[Any]:
    """What the picture of the sample city shows: its title, and figures to the digits that are drawn.

    Not the digest: its last bits are those of the libraries.
    """
    services = {service: f"{in_hundred_millions(value):.2f}" for service, value in account.totals("service").items()}
    return [account.title("en"), f"{in_hundred_millions(account.total() or 0.0):.2f}", services]


def in_hundred_millions(value: float) -> float:
    """CNY as 10⁸ CNY, the unit of the pictures."""
    return value / linear("亿元", "CNY")[0]


def draw_sample_city(account: Account, retained_water: Path, counties: Path) -> Figure:
    """Where the sample city retains water, and what its services are worth."""
    import geopandas as gpd
    import matplotlib.pyplot as plt
    import rasterio
    from matplotlib.colors import CenteredNorm

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.9), layout="constrained", width_ratios=(1, 1.05))
    with rasterio.open(retained_water) as source:
        density, unit, bounds, crs = source.read(1, masked=True), source.units[0], source.bounds, source.crs
    borders = gpd.read_file(counties).to_crs(crs)
    borders.plot(ax=left, facecolor="#e6eaed", edgecolor="none", zorder=0)
    image = left.imshow(
        density,
        cmap="BrBG",
        norm=CenteredNorm(),
        interpolation="nearest",
        zorder=1,
        extent=(bounds.left, bounds.right, bounds.bottom, bounds.top),
    )
    borders.boundary.plot(ax=left, color="#37474f", linewidth=0.8, zorder=2)
    bar = figure.colorbar(image, ax=left, label=unit, shrink=0.8)
    bar.ax.set_ylim(density.min(), density.max())
    bar.outline.set_visible(False)
    left.set_title("Water retention by cell\nin grey: where the profile does not count it", loc="left", fontsize=11)
    left.axis("off")
    account.plot("composition", ax=right)
    total = in_hundred_millions(account.total() or 0.0)
    right.set_title(f"{account.title('en')}\n{total:,.2f} × 10⁸ CNY, by service", loc="left", fontsize=11)
    return figure


def save(figure: Figure, name: str, dpi: int) -> None:
    """A PNG of 255 colours, a third of the size."""
    import io

    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=dpi)
    Image.open(drawn).convert("RGB").quantize(255, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)


if __name__ == "__main__":
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "gep"  # the same picture is the same bytes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = open_sample_city(folder / "city")
        account = study.run()
        paths = study.maps(folder / "maps", account=account, services=["water_retention"], what=("quantity",))
        figure = draw_sample_city(account, paths[0], folder / "city" / "counties.geojson")
        save(figure, "sample_city.png", 130)
    picture = rooms.draw()
    save(picture, "rooms.png", 200)
    picture.savefig(IMAGES / "rooms.svg", metadata={"Date": None})
    made = {"rooms": fingerprint(rooms.made_from()), "sample_city": fingerprint(made_from_account(account))}
    (IMAGES / "pictures.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
