"""The pictures beside the tables, of the same numbers: SVG. Each answers the lines of Markdown that show it."""

import pathlib
import statistics

import matplotlib

matplotlib.use("svg")
# Nothing of the moment or of chance is in the file, and letters are letters.
matplotlib.rcParams.update({
    "svg.hashsalt": "earshelf", "svg.fonttype": "none", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "font.family": "sans-serif", "axes.prop_cycle": matplotlib.cycler(
        color=["#1b6f5f", "#c46a2b", "#6b7280", "#3f6fb5", "#a33b5e", "#8a7a2f"])})

from matplotlib import pyplot  # noqa: E402

RESULTS = pathlib.Path(__file__).resolve().parents[1] / "results"


def bars(name, title, unit, groups, *, is_logarithmic=False):
    """Groups of bars, each the median of its rounds with the least and the most: `{group: {who: values}}`."""
    figure, axes = pyplot.subplots(figsize=(7.2, 3.4), layout="constrained")
    everybody = list(dict.fromkeys(who for group in groups.values() for who in group))
    width = 0.8 / len(everybody)
    for place, who in enumerate(everybody):
        shown = [(number, group[who]) for number, group in enumerate(groups.values()) if group.get(who)]
        middle = [statistics.median(values) for _, values in shown]
        spread = [
            [median - min(values) for median, (_, values) in zip(middle, shown)],
            [max(values) - median for median, (_, values) in zip(middle, shown)]]
        axes.bar(
            [number + (place - (len(everybody) - 1) / 2) * width for number, _ in shown], middle, width * 0.92, yerr=spread,
            error_kw={"elinewidth": 1, "ecolor": "#222222"}, label=who)
    axes.set_xticks(range(len(groups)), groups)
    if is_logarithmic:
        axes.set_yscale("log")
    return finished(figure, axes, name, title, unit)


def lines(name, title, across, unit, series):
    """How a number changes with another, both by powers of ten: `{what: [(x, y)]}`."""
    figure, axes = pyplot.subplots(figsize=(7.2, 3.4), layout="constrained")
    for what, points in series.items():
        axes.plot(*zip(*points), marker="o", markersize=4, label=what)
    axes.set(xscale="log", yscale="log", xlabel=across)
    return finished(figure, axes, name, title, unit)


def finished(figure, axes, name, title, unit):
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_ylabel(unit)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=9)
    RESULTS.mkdir(exist_ok=True)
    figure.savefig(RESULTS / f"{name}.svg", metadata={"Date": None, "Creator": "Earshelf"})
    pyplot.close(figure)
    return [f"![{title}]({name}.svg)", ""]
