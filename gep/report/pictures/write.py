"""Write the charts and maps of a report."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from gep.account.account import Account
from gep.account.fonts import font_settings
from gep.core.errors import MissingFeatureError
from gep.core.messages import in_language
from gep.report.options import ReportOptions
from gep.report.pictures.beside import maps_beside
from gep.report.pictures.canvas import LeftOut, Picture, plain, save, write_table
from gep.report.pictures.charts import Draw, charts
from gep.report.pictures.maps import maps
from gep.report.tables.book import report_model

FOLDER = "pictures"
LIST = "pictures.csv"


def write(account: Account, folder: Path, options: ReportOptions) -> list[Path]:
    """Draw every chart and map into `pictures/`: as PNG, SVG and PDF, with its numbers as CSV, and a list of all with
    the reason where one is left out. In two languages, English ones end in `_en`.

    The same account gives the same bytes, PDF apart. Raises MissingFeatureError without matplotlib, and for Chinese
    without a font that has it.
    """
    try:
        import matplotlib as mpl  # noqa: F401 (whether it is installed)
    except ImportError:
        raise MissingFeatureError.of("pictures", "report") from None
    model = report_model(account, options.lang, options.shares)
    return write_pictures(
        chain(charts(model), maps(model.facts), maps_beside(account)), folder, options.languages, account.about.year
    )


def write_pictures(
    pictures: Iterable[tuple[Picture, Draw] | LeftOut], folder: Path, languages: Sequence[str], year: int
) -> list[Path]:
    """Draw pictures into `pictures/`, in one language or two, with the list of all."""
    import matplotlib as mpl

    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    written: list[Path] = []
    lines: list[list[str]] = []
    settings: Any = {"svg.hashsalt": "gep", "svg.fonttype": "path", "hatch.linewidth": 0.6}
    with mpl.rc_context({**font_settings(languages), **settings}):
        for made in pictures:
            if isinstance(made, LeftOut):
                lines.append(_line(made.id, "left_out", made.title, made.reason))
                continue
            picture, draw = made
            written.append(write_table(picture.table, target / f"{picture.id}.csv"))
            for language in languages:
                ending = "_en" if language == "en" and len(languages) > 1 else ""
                figure = draw(picture, language)
                stem = target / f"{picture.id}{ending}"
                written += save(figure, picture, language, year, stem)
            lines.append(_line(picture.id, "drawn", picture.title, *picture.notes[:1]))
    path = target / LIST
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "state", "title_zh", "title_en", "note_zh", "note_en"])
        writer.writerows(lines)
    return [*written, path]


def _line(id_: str, state: str, *texts: str) -> list[str]:
    return [id_, state, *(plain(in_language(text, language)) for text in texts for language in ("zh", "en"))]
