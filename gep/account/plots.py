"""Pictures of an account: what it is made of, and which zone provides how much. Needs matplotlib (the extra
`report`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gep.account.figures import Figures
from gep.account.fonts import chinese_font, font_settings
from gep.core.catalog import colour, label
from gep.core.errors import AccountError, MissingFeatureError, did_you_mean
from gep.core.keys import CITY, NONE, UNALLOCATED
from gep.core.messages import LANGUAGES, say, sentences
from gep.core.unit_names import readable_scale
from gep.core.units import linear

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGE = "#37474f"
"""The edge of what is coloured: some colours are light."""


def plot(account: Figures, kind: str = "composition", *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Draw an account: `composition` (ranked services), `ecosystems`, or `counties` (ranked zones, stacked by service).

    Values are in 亿元 (10⁸ CNY); a negative one is drawn to the left. `language` is "en" or "zh". Raises AccountError
    for a kind or a language that there is not, and for an account without values; MissingFeatureError without
    matplotlib, and for Chinese without a font that has it.
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingFeatureError.of("account.plot", "report") from None
    kinds: dict[str, Callable[[Figures, Any, str], None]] = {
        "composition": _composition,
        "ecosystems": _ecosystems,
        "counties": _counties,
    }
    if kind not in kinds:
        near, known = did_you_mean(kind, kinds), say("figures.known", known=list(kinds))
        raise AccountError(sentences(say("figures.plot.no_plot", kind=kind), near, known))
    if language not in LANGUAGES:
        raise AccountError(say("figures.plot.no_language", language=language, languages=list(LANGUAGES)))
    if account.about.kind == "physical":
        raise AccountError(say("figures.plot.no_values"))
    with plt.rc_context(font_settings([language])):
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
        kinds[kind](account, ax, language)
        ax.set_title(_heading(account, language), loc="left", fontsize=11)
        ax.set_xlabel(say("figures.plot.axis", year=account.about.price_year).to(language))
        _finish(ax, plt.rcParams["font.sans-serif"])
    return ax


def _finish(ax: Any, font: Any) -> None:
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    legend = ax.get_legend()
    for text in [
        *ax.get_xticklabels(),
        *ax.get_yticklabels(),
        ax.title,
        ax.xaxis.label,
        *(legend.get_texts() if legend else []),
    ]:
        text.set_fontfamily(font)


def plot_changes(changes: Mapping[str, float], title: str, *, language: str = "en", ax: Axes | None = None) -> Axes:
    """Draw changes of services in CNY as bars, the greatest first. Raises as `plot` does."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingFeatureError.of("scenario.plot", "report") from None
    if language not in LANGUAGES:
        raise AccountError(say("figures.plot.no_language", language=language, languages=list(LANGUAGES)))
    ranked = sorted(changes.items(), key=lambda change: abs(change[1]))  # bars stand from below
    scale, unit = readable_scale(max((abs(change) for change in changes.values()), default=0.0), "CNY", language)
    with plt.rc_context(font_settings([language])):
        if ax is None:
            _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
        names = [label(service, language) for service, _ in ranked]
        _bars(ax, names, [change / scale for _, change in ranked], [colour(service) for service, _ in ranked])
        ax.set_title(title, loc="left", fontsize=11)
        ax.set_xlabel(say("figures.plot.change", unit=unit).to(language))
        _finish(ax, plt.rcParams["font.sans-serif"])
    return ax


def _heading(account: Figures, language: str) -> str:
    """The title of the account, behind name and year where it does not hold them itself."""
    title, name = account.title(language), account.zone_name(CITY, language)
    if name in title:
        return title
    return say("figures.plot.title", name=name, year=account.about.year, title=title).to(language)


def _shown(value: float) -> float:
    return value / linear("亿元", "CNY")[0]


def _bars(ax: Any, names: list[str], values: list[float], colours: list[str]) -> None:
    ax.barh(names, values, color=colours, edgecolor=EDGE, linewidth=0.5)
    for row, value in enumerate(values):
        side = "left" if value >= 0 else "right"
        ax.annotate(
            f"{value:,.2f}",
            (value, row),
            xytext=(3 if value >= 0 else -3, 0),
            textcoords="offset points",
            va="center",
            ha=side,
            fontsize=9,
        )
    ax.margins(x=0.12)


def _composition(account: Figures, ax: Any, language: str) -> None:
    values = sorted(account.totals("service").items(), key=lambda item: item[1])
    _bars(
        ax,
        [label(name, language) for name, _ in values],
        [_shown(value) for _, value in values],
        [colour(name) for name, _ in values],
    )


def _ecosystems(account: Figures, ax: Any, language: str) -> None:
    values = sorted(account.totals("ecosystem").items(), key=lambda item: item[1])
    _bars(
        ax,
        [label(name, language) for name, _ in values],
        [_shown(value) for _, value in values],
        [colour(name) for name, _ in values],
    )


def _counties(account: Figures, ax: Any, language: str) -> None:
    table = {names: value for names, value, _ in account.by("zone", "service")}
    totals = account.totals("zone")
    font = chinese_font()
    zones = sorted(totals, key=lambda zone: totals[zone])
    labels = []
    for zone in zones:
        name = label(zone, language) if zone in (UNALLOCATED, NONE, CITY) else account.zone_name(zone, language)
        labels.append(name if name and (font or name.isascii()) else zone)
    services = sorted(
        {service for _, service in table},
        key=lambda service: -abs(sum(v for (_, s), v in table.items() if s == service)),
    )
    right, left = [0.0] * len(zones), [0.0] * len(zones)
    for service in services:
        values = [_shown(table.get((zone, service), 0.0)) for zone in zones]
        starts = [right[i] if value >= 0 else left[i] for i, value in enumerate(values)]
        ax.barh(
            labels,
            values,
            left=starts,
            color=colour(service),
            edgecolor=EDGE,
            linewidth=0.5,
            label=label(service, language),
        )
        for i, value in enumerate(values):
            if value >= 0:
                right[i] += value
            else:
                left[i] += value
    ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
