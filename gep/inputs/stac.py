"""Rasters that a catalogue lists: a static one of the SpatioTemporal Asset Catalog (STAC), in a folder or on a server.

A catalogue, a collection or a single item comes in, with the name of the asset that is meant; the files of its items go
out as one raster. pystac reads it; what lies on a server is asked for by gep itself, and only where the project says
that it may, also where a catalogue of this machine leads there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gep.core.errors import InputError, MissingFeatureError, Problem, failure, problem
from gep.core.messages import listed, say
from gep.inputs.grids.places import Place, Tiles
from gep.inputs.grids.remote import SCHEMES, Remote, RemoteError, fault_of, is_address, remote_text

_BROKEN = (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What pystac raises on a document that is not what it should be."""

MOST_ITEMS = 10_000
"""Items of a catalogue. A judgement: there are some ten thousand tiles of land of a degree."""


def rasters_of_catalogue(
    path: str | Path, asset: str, *, year: int | None = None, remote: bool = False, subject: str = "stac"
) -> Place:
    """The files of an asset of all items that a catalogue, a collection or an item lists, as one raster; of those of a
    `year` where one is said and items have times.

    Args:
        path: the file, or the address, of a catalogue, a collection or an item.
        asset: which of the assets of each item.
        year: that items are of; all if not given.
        remote: whether it may be fetched from a server.
        subject: what messages speak of.

    Raises:
        InputError: with what is wrong.
        MissingFeatureError: without pystac (extra `stac`).
    """
    try:
        import pystac
    except ImportError as error:
        raise MissingFeatureError.of(say("inputs.catalogue"), "stac") from error
    name = Path(str(path)).name
    try:
        read: Any = pystac.read_file(_place(path), stac_io=_reader(remote)())
        items = [read] if isinstance(read, pystac.Item) else [*_first(read.get_items(recursive=True))]
        of_year = [item for item in items if _is_of(item, year)]
        found = {item.id: item.assets[asset].get_absolute_href() for item in of_year if asset in item.assets}
    except _RefusedError as error:
        raise _refused(error.found_in(subject, name)) from error
    except (pystac.STACError, pystac.STACTypeError, *_BROKEN) as error:
        told = problem("inputs.F48.unreadable", subject, place=name, found=failure(error, str(path)))
        raise _refused(told) from error
    if not found:
        there = listed(dict.fromkeys(key for item in of_year for key in item.assets)) if of_year else say("grids.none")
        key = "inputs.F48.no_asset" if of_year else "inputs.F48.no_items"
        raise _refused(problem(key, subject, place=name, found=there, asset=asset))
    return _one_raster(f"{name}#{asset}", [str(href) for href in found.values()], remote, subject)


def _place(path: str | Path) -> str:
    return str(path) if is_address(path) else str(Path(path).absolute())


def _first(items: Iterator[Any]) -> Iterator[Any]:
    for number, item in enumerate(items):
        if number >= MOST_ITEMS:
            raise ValueError(say("inputs.many_items", most=MOST_ITEMS))
        yield item


def _is_of(item: Any, year: int | None) -> bool:
    """Whether an item is of a year, or says no time."""
    start = item.common_metadata.start_datetime or item.datetime
    end = item.common_metadata.end_datetime or item.datetime
    return year is None or start is None or end is None or start.year <= year <= end.year


def _one_raster(name: str, hrefs: list[str], remote: bool, subject: str) -> Place:
    """Files as tiles, one file as itself; an object of a server where it may be read and is the only one."""
    on_servers = [href for href in hrefs if is_address(href) and not href.startswith("file://")]
    if not on_servers:
        files = tuple(Path(unquote(urlsplit(href).path) if href.startswith("file://") else href) for href in hrefs)
        return files[0] if len(files) == 1 else Tiles(name, files)
    shown = on_servers[0].partition("?")[0].rpartition("@")[2]
    if fault := fault_of(on_servers[0]) if remote else "not_said":
        raise _refused(problem(f"inputs.F41.{fault}", subject, found=shown, schemes=list(SCHEMES)))
    if len(hrefs) > 1:
        raise _refused(problem("inputs.F48.several_remote", subject, place=name, found=shown, count=len(hrefs)))
    return Remote(on_servers[0])


def _refused(found: Problem) -> InputError:
    return InputError(say("grids.refused", layer=found.subject), [found])


# reading --------------------------------------------------------------------------------------------------------------


class _RefusedError(Exception):
    """A part of a catalogue that may not be read, or is not to be had."""

    def __init__(self, key: str, found: str) -> None:
        super().__init__(found)
        self._key, self._found = key, found

    def found_in(self, subject: str, place: str) -> Problem:
        """What is said of it."""
        return problem(self._key, subject, place=place, found=self._found, schemes=list(SCHEMES))


def _reader(may_be_remote: bool) -> Any:
    """What reads the parts of a catalogue for pystac, of servers only where it may."""
    import pystac

    def read_text(_: Any, source: Any, *__: Any, **___: Any) -> str:
        place = str(source)
        if not is_address(place) or place.startswith("file://"):
            return Path(unquote(urlsplit(place).path) if "://" in place else place).read_text(encoding="utf-8")
        if fault := fault_of(place) if may_be_remote else "not_said":
            raise _RefusedError(f"inputs.F41.{fault}", place.partition("?")[0].rpartition("@")[2])
        try:
            return remote_text(Remote(place))
        except RemoteError as error:
            raise _RefusedError(f"grids.F46.{error.key}", str(error.found)) from error

    def write_text(*_: Any, **__: Any) -> None:
        raise NotImplementedError  # nothing is written

    return type("Reader", (pystac.StacIO,), {"read_text": read_text, "write_text": write_text})
