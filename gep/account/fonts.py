"""Fonts for pictures: one that has Chinese characters, or a clear error. Needs matplotlib (the extra `report`)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from gep.core.errors import MissingFeatureError
from gep.core.messages import say, visible

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
)
"""Fonts with simplified Chinese, the best first; the last has all characters in the Japanese form, and is what old
versions of matplotlib find in the collection of the first.
"""

_FILES = ("cjk", "sourcehan", "notosanssc", "msyh", "pingfang", "hiragino", "simhei", "wqy", "wenquanyi")
"""Parts of the names of their files."""

LATIN_FONT = "DejaVu Sans"
"""What matplotlib brings along."""


def chinese_font() -> str:
    """The best font with Chinese characters that is installed, or nothing.

    The list that matplotlib keeps is of its first start: a font that was installed since is looked for on the disk.
    """
    from matplotlib import font_manager

    found = _installed()
    if not found:
        for path in sorted(font_manager.findSystemFonts()):
            if any(part in Path(path).name.lower().replace("-", "").replace("_", "") for part in _FILES):
                font_manager.fontManager.addfont(path)
        found = _installed()
    return found


def _installed() -> str:
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in installed), "")


def font_settings(languages: Iterable[str]) -> Any:
    """Settings of matplotlib under which texts are drawn as they are: letters of both languages, `$` as a dollar sign.

    Raises MissingFeatureError where Chinese is wanted and no font has it: no picture has empty boxes for letters, and
    none changes its language.
    """
    font = chinese_font()
    if not font and "zh" in languages:
        raise MissingFeatureError(say("figures.plot.no_font", fonts=list(CJK_FONTS)))
    return {
        "font.family": "sans-serif",
        "font.sans-serif": [font, LATIN_FONT] if font else [LATIN_FONT],
        "axes.unicode_minus": False,
        "text.parse_math": False,
    }


@cache
def _letters(font: str) -> frozenset[int]:
    from matplotlib import font_manager

    face = font_manager.get_font(font_manager.findfont(font_manager.FontProperties(family=[font])))
    return frozenset(face.get_charmap())


def drawable(text: str, most: int = 0) -> str:
    """A text of others as a picture can show it: on one line, no longer than `most` letters where that is given, and a
    letter that no font has as `?`.

    Raises MissingFeatureError where Chinese has no font.
    """
    plain = " ".join("".join(letter for letter in text if unicodedata.category(letter) != "Cf").split())
    font = chinese_font()
    latin, chinese = _letters(LATIN_FONT), _letters(font) if font else frozenset[int]()
    if not font and any("\u4e00" <= letter <= "\u9fff" for letter in plain):
        raise MissingFeatureError(say("figures.plot.no_font", fonts=list(CJK_FONTS)))
    shown = "".join(letter if ord(letter) in latin or ord(letter) in chinese else "?" for letter in visible(plain))
    return shown if not most or len(shown) <= most else shown[: most - 1] + "…"
