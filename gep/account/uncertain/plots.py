"""How sure an account is, on the axes of matplotlib: what drives the total (a tornado), how the draws of the total and
of the services lie (violins). Reports draw with the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gep.core.catalog import colour, label
from gep.core.errors import MissingFeatureError, UsageError, did_you_mean
from gep.core.messages import say, sentences
from gep.core.units import linear

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
LOWER, UPPER = "#c26a4a", "#2f6f8f"
EDGE, INK = "#37474f", "#263238"
POINTS, MOST_HALF = 200, 0.4
"""Of the outline of a violin: its points, and half of its width at the widest, where rows are 1 apart."""
KINDS = ("drivers", "draws")


class Draws(NamedTuple):
    """The draws of a sum with their interval, each less its value in the run, in CNY."""

    group: tuple[str, ...]
    sample: Array
    ends: tuple[float, float]


def plot(kind: str, swings: Mapping[str, tuple[float, float]], draws: Sequence[Draws], ax: Axes | None) -> Axes:
    """Draw one of both: see `Uncertainty.plot`. `swings` and `draws` are drawn from the top."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingFeatureError.of("account.plot", "report") from None
    if kind not in KINDS:
        near, known = did_you_mean(kind, KINDS), say("figures.known", known=list(KINDS))
        raise UsageError(sentences(say("figures.plot.no_plot", kind=kind), near, known))
    scale, unit = linear("亿元", "CNY")[0], "10⁸ CNY"
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    if kind == "drivers":
        names = [*swings][::-1]
        tornado(ax, [(low / scale, high / scale) for low, high in (swings[name] for name in names)])
        ax.set_xlabel(say("uncertainty.picture.change", unit=unit).to("en"))
    else:
        below = draws[::-1]
        ends = [(of.ends[0] / scale, of.ends[1] / scale) for of in below]
        shades = [colour(of.group[1]) if of.group[0] == "service" else UPPER for of in below]
        violins(ax, [of.sample / scale for of in below], ends, shades)
        total = say("uncertainty.picture.total").to("en")
        names = [label(of.group[1], "en") if of.group[0] == "service" else total for of in below]
        ax.set_xlabel(say("uncertainty.picture.less_value", unit=unit).to("en"))
    ax.set_yticks(range(len(names)), names)
    ax.axvline(0, color=EDGE, linewidth=0.8)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    return ax


def tornado(axes: Axes, ends: Sequence[tuple[float, float]]) -> None:
    """Bars from the least to the greatest change, the first at the bottom."""
    style: dict[str, Any] = {"edgecolor": EDGE, "linewidth": 0.5, "height": 0.66}
    for at, (low, high) in enumerate(ends):
        if low < 0:
            axes.barh([at], [min(high, 0.0) - low], left=[low], color=LOWER, **style)
        if high > 0:
            axes.barh([at], [high - max(low, 0.0)], left=[max(low, 0.0)], color=UPPER, **style)


def violins(axes: Axes, samples: Sequence[Array], ends: Sequence[tuple[float, float]], shades: Sequence[str]) -> None:
    """How samples lie, the first at the bottom, each with its interval."""
    from scipy.stats import gaussian_kde

    for at, (sample, interval, shade) in enumerate(zip(samples, ends, shades, strict=True)):
        if np.ptp(sample) == 0:
            continue
        at_points = np.linspace(sample.min(), sample.max(), POINTS)
        density = gaussian_kde(sample)(at_points)
        half = MOST_HALF * density / density.max()
        axes.fill_between(at_points, at - half, at + half, facecolor=shade, edgecolor=EDGE, alpha=0.8, linewidth=0.5)
        axes.plot(interval, [at, at], color=INK, linewidth=1.4, marker="|", markersize=9)
