"""Make the pictures of the READMEs, the guide and CONTRIBUTING, in `docs/images`: python docs/make_pictures.py

`python docs/make_pictures.py rooms` makes one of them; those of pages and sheets take Chromium and LibreOffice.
Beside them `pictures.json` keeps a sha256 of what each was made from; a test says when a picture is stale.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rooms
import shots

from gep.core.units import linear
from gep.study.sample.city import open_sample_city

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

    from gep.account.account import Account

IMAGES = Path(__file__).resolve().parent / "images"
WIDEST = 1240
"""Pixels of the widest picture."""


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
    """A PNG of a figure."""
    import io

    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=dpi)
    save_image(Image.open(drawn).convert("RGB"), name)


def save_image(image: Image, name: str) -> None:
    """A PNG of 255 colours, a third of the size, and no wider than a page of documentation shows."""
    from PIL.Image import Dither, Resampling

    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Resampling.LANCZOS)
    image.quantize(255, dither=Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def main(*names: str) -> None:
    """Make pictures by name, or all, and keep what each was made from."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "gep"  # the same picture is the same bytes
    made = json.loads((IMAGES / "pictures.json").read_text(encoding="utf-8"))
    if not names or "rooms" in names:
        picture = rooms.draw()
        save(picture, "rooms", 200)
        picture.savefig(IMAGES / "rooms.svg", metadata={"Date": None})
        made["rooms"] = fingerprint(rooms.made_from())
    if not names or set(names) - {"rooms"}:
        with tempfile.TemporaryDirectory() as name:
            made |= {which: fingerprint(shown) for which, shown in _of_the_city(Path(name), names)}
    (IMAGES / "pictures.json").write_text(json.dumps(dict(sorted(made.items())), indent=2) + "\n", encoding="utf-8")


def _of_the_city(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The pictures of the sample city, and what each shows."""
    study = open_sample_city(folder / "city")
    account = study.run()
    if not names or "sample_city" in names:
        paths = study.maps(folder / "maps", account=account, services=["water_retention"], what=("quantity",))
        figure = draw_sample_city(account, paths[0], folder / "city" / "counties.geojson")
        save(figure, "sample_city", 130)
        yield "sample_city", made_from_account(account)
    if not names or set(names) - {"rooms", "sample_city"}:
        for name, image, shown in shots.draw(account, folder):
            if not names or name in names:
                save_image(image, name)
                yield name, shown


if __name__ == "__main__":
    main(*sys.argv[1:])
