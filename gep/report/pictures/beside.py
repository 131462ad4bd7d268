"""The map of overload of grassland (M7), of a run that has a grass-livestock balance beside its account."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from gep.account.account import Account
from gep.core.messages import in_language, say
from gep.report.pictures.canvas import Picture
from gep.report.pictures.charts import Draw
from gep.report.pictures.frames import Land, Sign
from gep.report.pictures.maps import fill_zones
from gep.report.tables.overload import MAP, Overload, overload, overload_classes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def maps_beside(account: Account) -> Iterator[tuple[Picture, Draw]]:
    """The map with the function that draws it; none where the run has no balance."""
    found = overload(account)
    if found is None:
        return
    land = Land.of(account, account.record.get("grid", {}).get("crs", "EPSG:4326"))
    year = account.about.year
    about = say("pictures.map_note_without_cover", year=year, crs=land.name_of_crs)
    notes = (*found.notes, about, say("grazing.never_added"))
    yield Picture(MAP, found.table.name, notes, found.table), partial(_draw, account, land, found)


def _draw(account: Account, land: Land, found: Overload, picture: Picture, language: str) -> Figure:
    classes = overload_classes()
    colours = {of.id: of.colour for of in classes}
    signs = [Sign(in_language(of.name, language), of.colour) for of in reversed(classes)]
    rates = {code: f"\n{rate}" for code in land.zones if (rate := found.rate(code, language))}
    title = say("beside.overload.legend").to(language)
    of_zones = {code: colours[of] for code, of in found.classes.items()}
    return fill_zones(account, land, picture, language, of_zones, title, signs, rates)
