"""Draws the plots of a benchmark: bench.py DIR reads DIR/results.json and writes SVG files beside it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("svg")
from hdrh.histogram import HdrHistogram
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

mpl.rcParams.update(
    {
        "font.size": 8,
        "svg.fonttype": "none",
        "svg.hashsalt": "hotcell",
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": "#e4e4e4",
    }
)

# The rows of the scenario sequential that are drawn; more would hide each other.
SPREAD = (
    "hotcell",
    "resident process, over HTTP",
    "resident process, on its pipe, without a pause",
    "fork per request, over HTTP",
    "nsjail per request, over HTTP",
)
BARS_PER_DECADE = 16
QUANTILES = (("p50", "p50_ms"), ("p90", "p90_ms"), ("p99", "p99_ms"), ("p99.9", "p999_ms"))


class Report:
    """A results.json."""

    def __init__(self, path: Path) -> None:
        self.dir = path.parent
        self.data: dict[str, Any] = json.loads(path.read_text())
        self.results: dict[str, dict[str, Any]] = {r["scenario"]: r for r in self.data["results"]}
        self.drawn: list[tuple[str, str]] = []

    def values(self, scenario: str) -> dict[str, float]:
        return {v["name"]: v["value"] for v in self.results.get(scenario, {}).get("values", ())}

    def draw(self, name: str, title: str, x: str, y: str) -> Drawing:
        self.drawn.append((name, title))
        return Drawing(self, name, title, x, y)


class Drawing:
    """One plot; it is written when its block ends."""

    def __init__(self, report: Report, name: str, title: str, x: str, y: str) -> None:
        self.path = report.dir / f"{name}.svg"
        self.figure, self.axes = plt.subplots(figsize=(8.6, 4.6), layout="constrained")
        self.axes.set_title(title, loc="left", fontweight="bold", fontsize=11)
        began = report.data["began"][:16].replace("T", " ")
        quiet = "" if report.data.get("quiet", True) else " · not quiet"
        where = f"{report.data['machine']} · hotcell {report.data['version']} · {began} UTC{quiet}"
        self.axes.set(xlabel=f"{x}\n{where}", ylabel=y)

    def __enter__(self) -> Axes:
        return self.axes

    def __exit__(self, *_: object) -> None:
        for scale, axis, begin in (
            (self.axes.get_xscale(), self.axes.xaxis, self.axes.set_xlim),
            (self.axes.get_yscale(), self.axes.yaxis, self.axes.set_ylim),
        ):
            if scale == "log":
                axis.set_major_formatter("{x:g}")
            elif not axis.get_inverted():
                begin(0)
        self.axes.legend(frameon=False)
        self.figure.savefig(self.path, metadata={"Date": None})
        plt.close(self.figure)


def shares(encoded: str) -> Iterator[tuple[float, float]]:
    """Returns the share of the latencies in each bar, in percent, with the start of the bar in ms."""
    histogram = HdrHistogram.decode(encoded)
    for i in range(6 * BARS_PER_DECADE):
        low, high = (0.05 * 10 ** (n / BARS_PER_DECADE) for n in (i, i + 1))
        count = sum(
            item.count_added_in_this_iter_step
            for item in histogram.get_recorded_iterator()
            if low <= item.value_iterated_to / 1000 < high
        )
        yield low, 100 * count / max(1, histogram.get_total_count())


def sequential(report: Report) -> None:
    rows = {row["name"]: row for row in report.results["sequential"]["rows"]}
    with report.draw("sequential", "One request after the other", "latency, ms", "share of the requests, %") as axes:
        axes.set_xscale("log")
        for name in SPREAD:
            bars = list(shares(rows[name]["load"]["latency"]["hdr"]))
            seen = [n for n, (_, share) in enumerate(bars) if share]
            bars = bars[max(0, seen[0] - 1) : seen[-1] + 2]
            axes.fill_between(*zip(*bars, strict=True), step="post", alpha=0.15)
            axes.step(*zip(*bars, strict=True), where="post", label=name)


def openloop(report: Report) -> None:
    rows = report.results["openloop"]["rows"]
    title = "Latency against rate, Poisson arrivals, from the scheduled time"
    with report.draw("latency-against-rate", title, "requests a second", "latency, ms") as axes:
        axes.set_yscale("log")
        for name, field in QUANTILES:
            axes.plot(
                [r["rate_wanted"] for r in rows],
                [r["load"]["latency"][field] for r in rows],
                marker="o",
                markersize=4,
                label=name,
            )
        if saturated := report.values("throughput").get("saturated rate"):
            axes.axvline(saturated, color="#999999", linestyle="--", label="saturated, closed loop")


def levels(report: Report, scenario: str, title: str) -> None:
    seen = report.results[scenario]["levels"]
    seconds = [level["seconds"] for level in seen]
    with report.draw(f"pool-{scenario}", title, "seconds", "how many") as axes:
        for name, field in (
            ("cells ready", "ready"),
            ("cells being made", "making"),
            ("requests that wait", "waiting"),
        ):
            axes.step(seconds, [level[field] for level in seen], where="post", label=name)


def pool_sizes(report: Report) -> None:
    result, values = report.results["poolsizes"], report.values("poolsizes")
    sizes = [int(re.findall(r"\d+", row["name"])[0]) for row in result["rows"]]
    with report.draw(
        "pool-sizes", "Making and keeping cells, by how many are parked", "cells parked", "ms, MB"
    ) as axes:
        axes.set_xscale("log")
        axes.plot(
            sizes,
            [r["load"]["latency"]["p50_ms"] for r in result["rows"]],
            marker="o",
            label="time to make one, median, ms",
        )
        axes.plot(
            sizes, [values[f"PSS of a cell with {n} parked"] for n in sizes], marker="o", label="PSS of one, mean, MB"
        )


def overload(report: Report) -> None:
    of = re.compile(r"goodput at ([\d.]+) times the saturated rate, of that rate(, before)?")
    goodput: dict[str, list[tuple[float, float]]] = {}
    for name, value in report.values("overload").items():
        if found := of.fullmatch(name):
            goodput.setdefault("before" if found[2] else "now", []).append((float(found[1]), 100 * value))
    title, y = "Goodput against load, clients that hang up after 2 s", "answered in time, of the saturated rate, %"
    with report.draw("goodput", title, "requests a second, of the saturated rate", y) as axes:
        axes.set_xscale("log")
        axes.set_ylim(top=110)
        for name, points in goodput.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=name)
    curves = report.results["overload"].get("curves")
    if not curves:  # the run is older than the curves
        return
    with report.draw(
        "overload-passes", "Requests answered in time, by when they were sent", "seconds", "of the saturated rate, %"
    ) as axes:
        for curve in curves:
            axes.step(
                curve["x"], curve["y"], where="post", label="before" if curve["name"].endswith(", before") else "now"
            )
        axes.axvline(2, color="#999999", linestyle="--", label="from here 5 times what can be answered")
        axes.axvline(8, color="#999999", linestyle=":", label="from here half of it again")


def compat(report: Report) -> None:
    rows = report.results["compat"]["rows"]
    title = "Programs a second by SandboxFusion's API, 64 at once"
    kinds = ("the standard library", "numpy or pandas")
    with report.draw("compat", title, "programs a second", "") as axes:
        for offset, name in enumerate(("hotcell", "a new Python for each program, no jail")):
            loads = [row["load"] for row in rows[offset::2]]
            rates = [load["latency"]["count"] / load["seconds"] for load in loads]
            bars = axes.barh([n + 0.36 * offset for n in range(len(rates))], rates, height=0.34, label=name)
            axes.bar_label(bars, fmt="{:.3g}", padding=3)
        axes.set_yticks([n + 0.18 for n in range(len(kinds))], [f"programs with\n{kind}" for kind in kinds])
        axes.set_ylim(len(kinds) - 0.46, -0.36)
        axes.grid(visible=False, axis="y")


def draw_all(report: Report) -> None:
    """Draws every plot, and adds it to results.md."""
    for scenario, draw in (
        ("sequential", sequential),
        ("openloop", openloop),
        ("poolsizes", pool_sizes),
        ("overload", overload),
        ("compat", compat),
    ):
        if scenario in report.results:
            draw(report)
    for scenario, title in (
        ("openloop", "The pool over the sweep of rates"),
        ("burst", "The pool in a burst of 100, as seen by a client on the same machine"),
    ):
        if scenario in report.results:
            levels(report, scenario, title)
    page = report.dir / "results.md"
    text = page.read_text()
    page.write_text(
        text + "".join(f"\n![{title}]({name}.svg)\n" for name, title in report.drawn if f"({name}.svg)" not in text)
    )


if __name__ == "__main__":
    draw_all(Report(Path(sys.argv[1]) / "results.json"))
