"""The pictures of a run, as SVG: the same figures give the same bytes, and they can be read on white and on black."""

import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from tests.market.judge import BIN_S, SUCCESS, Figures
from tests.market.people import HOUR
from tests.market.results import OURS, Result

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
GREY = "#808080"  # as far from white as from black
COLOURS: Mapping[str, str] = {  # those of Okabe and Ito, which can be told apart by everybody
    "plain": "#56b4e9",
    "buckets": "#e69f00",
    "delivered": "#009e73",
    "base": "#f0e442",
    "clips": "#cc79a7",
    "tokens": "#0072b2",
    "uncertain": "#d55e00",
    "nobody": "#bbbbbb",
}
SIDES = ("#2f87c7", "#d55e00")
NEAR = 0.012  # of the largest mark: so near to its left there is no room for a figure
TOLD = ("rolling", "brown-out")  # the scenarios whose shares are shown
STYLE = {
    "svg.hashsalt": "omniflash",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.titlecolor": GREY,
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(results: Sequence[Result], folder: Path = FOLDER, kind: str = "svg") -> Sequence[Path]:
    """Draw all of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        drawn = {"routing-cost": cost(results), "routing-success": success(results)}
        drawn |= {f"routing-share-{one.slug}": share(one) for one in results if one.scenario.name in TOLD}
        return [_written(figure, folder / f"{name}.{kind}") for name, figure in drawn.items()]


def _written(figure: Figure, path: Path) -> Path:
    content = BytesIO()
    more: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 110}
    figure.savefig(content, format=path.suffix[1:], transparent=True, **more)
    plt.close(figure)
    drawn = content.getvalue()
    path.write_bytes(re.sub(rb" +$", b"", drawn, flags=re.MULTILINE) if path.suffix == ".svg" else drawn)
    return path


def cost(results: Sequence[Result]) -> Figure:
    """What was billed, as a share of the clairvoyant's, by scenario."""
    figure, axes = _dots(results, lambda figures: figures.cost, "{:.3f}", [one.scenario.mark for one in results])
    for row, one in enumerate(results):
        axes.plot([one.scenario.mark] * 2, [row - 0.4, row + 0.4], color=GREY, linewidth=2)
    axes.annotate("mark", (results[0].scenario.mark, -0.45), ha="center", va="bottom", color=GREY)
    axes.set_xlabel("cost ÷ the clairvoyant's")
    axes.axvline(1.0, color=GREY, linewidth=0.8, linestyle=":")
    return figure


def success(results: Sequence[Result]) -> Figure:
    """How many succeed of those not left uncertain, by scenario."""
    marks = [100.0 * SUCCESS] * len(results)
    figure, axes = _dots(results, lambda figures: 100.0 * figures.success, "{:.2f} %", marks)
    axes.plot([100.0 * SUCCESS] * 2, [-0.5, len(results) - 0.5], color=GREY, linewidth=2)
    axes.annotate("mark", (100.0 * SUCCESS, -0.55), ha="right", va="bottom", color=GREY)
    axes.set_xlabel("requests that end with a clip, %")
    return figure


def _dots(
    results: Sequence[Result], of: Callable[[Figures], float], form: str, marks: Sequence[float]
) -> tuple[Figure, Any]:
    """A row for each scenario, with a dot for each side, and its figure beside it, where the mark is not in its way."""
    figure, axes = plt.subplots(figsize=(7.6, 0.55 * len(results) + 1.2), layout="constrained")
    sides = results[0].sides
    for place, side in enumerate(sides):
        rows = [row + (0.17 if place else -0.17) * (len(sides) > 1) for row in range(len(results))]
        values = [of(one.sides[side]) for one in results]
        axes.scatter(values, rows, s=46, color=SIDES[place], marker="os"[place], label=side, zorder=3)
        for value, row, mark in zip(values, rows, marks, strict=True):
            left = 0.0 < mark - value < NEAR * max(marks)
            named = {"ha": "right" if left else "left", "va": "center", "color": SIDES[place], "size": 9}
            apart = (-8 if left else 8, 0)
            axes.annotate(form.format(value), (value, row), xytext=apart, textcoords="offset points", **named)
    axes.set_yticks(range(len(results)), [one.scenario.name for one in results])
    axes.set_ylim(len(results) - 0.4, -0.9)
    axes.margins(x=0.15)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, labelcolor="linecolor")
    return figure, axes


def share(result: Result) -> Figure:
    """Who made the clips, by the hour in which they were asked for: the clairvoyant's, ours and theirs."""
    shown = {"the clairvoyant": result.ours.best_share, OURS: result.ours.share}
    shown |= {name: figures.share for name, figures in result.sides.items() if name != OURS}
    figure, panels = plt.subplots(
        len(shown), 1, figsize=(7.6, 1.75 * len(shown) + 0.8), sharex=True, layout="constrained", squeeze=False
    )
    for panel, (side, shares) in zip(panels[:, 0], shown.items(), strict=True):
        names = [name for name in COLOURS if any(shares[name])]
        hours = [n * BIN_S / HOUR for n in range(len(shares[names[0]]) + 1)]
        stacked = [[100.0 * part for part in (*shares[name], shares[name][-1])] for name in names]
        panel.stackplot(hours, stacked, colors=[COLOURS[name] for name in names], step="post", linewidth=0)
        panel.set(xlim=(0, hours[-1]), ylim=(0, 100), ylabel="% of requests")
        panel.set_title(side, loc="left", fontsize=10)
        _named(panel, names, shares)
    panels[-1, 0].set_xlabel("hours")
    _legend(figure, shown)
    return figure


def _named(panel: Any, names: Sequence[str], shares: Mapping[str, Sequence[float]]) -> None:
    """Write each name where its band is broadest, where it is broad enough."""
    for place, name in enumerate(names):
        at = max(range(2, len(shares[name]) - 2), key=lambda n: min(shares[name][n - 2 : n + 3]))
        height = 100.0 * min(shares[name][at - 1 : at + 2])
        below = 100.0 * sum(shares[other][at] for other in names[:place])
        if height > 9.0:
            middle = ((at + 0.5) * BIN_S / HOUR, below + 50.0 * shares[name][at])
            panel.annotate(name, middle, ha="center", va="center", size=9, color="#000000")


def _legend(figure: Figure, shown: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    names = [name for name in COLOURS if any(any(shares[name]) for shares in shown.values())]
    patches = [plt.Rectangle((0, 0), 1, 1, color=COLOURS[name]) for name in names]
    figure.legend(patches, names, loc="outside upper center", ncols=len(names), frameon=False, handlelength=1.0)
