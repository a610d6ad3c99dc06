"""Draws the dashboard's panels: dashboard.py SERIES.json OUT.svg, from the data that HOTCELL_PICTURE saved.

It is not a picture of Grafana: matplotlib draws the panels, queries and legends of the dashboard.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot as plt

mpl.rcParams.update({"font.size": 7, "svg.fonttype": "none", "svg.hashsalt": "hotcell", "path.simplify_threshold": 1})

SHOWN = (
    "Scripts by how they ended",
    "Refusals by code",
    "Time of POST /execute",
    "Cells",
    "Claims",
    "Wait for a cell",
    "Cells made, and why they left",
    "Zygotes replaced",
    "Places",
    "Jobs",
    "Age of the oldest job",
    "Jobs that ended, and trouble",
)


def number(text: str) -> float:
    return float("nan") if text in {"NaN", "+Inf", "-Inf"} else float(text)


def legend_of(form: str, labels: dict[str, str]) -> str:
    form = re.sub(r"(: )?\{\{instance\}\}$", "", form)  # there is one
    return re.sub(r"\{\{(\w+)\}\}", lambda m: labels[m[1]], form) or "hotcell"


def draw(panels: list[dict[str, Any]], out: str) -> None:
    begin = min(line["values"][0][0] for p in panels for lines in p["lines"].values() for line in lines)
    figure, axes = plt.subplots(4, 3, figsize=(11, 8.8), layout="constrained")
    for axis, shown in zip(axes.flat, panels, strict=True):
        panel = shown["panel"]
        unit = panel["fieldConfig"]["defaults"]["unit"]
        axis.set_title(panel["title"], loc="left", fontweight="bold")
        for target in panel["targets"]:
            for line in shown["lines"][target["refId"]]:
                legend = legend_of(target["legendFormat"], line["metric"])
                x = [at - begin for at, _ in line["values"]]
                axis.plot(x, [number(value) for _, value in line["values"]], label=legend, linewidth=1)
        if unit == "s":
            axis.set_yscale("log")
        else:
            axis.set_ylim(bottom=0)
        axis.set_ylabel({"ops": "per second", "s": "seconds"}.get(unit, ""))
        axis.grid(alpha=0.3)
        axis.legend(fontsize=6, frameon=False, ncols=2)
    for axis in axes[-1]:
        axis.set_xlabel("seconds")
    figure.savefig(out, metadata={"Date": None}, facecolor="white")


def main() -> None:
    series, out = sys.argv[1:]
    by_title = {p["panel"]["title"]: p for p in json.loads(Path(series).read_text(encoding="utf-8"))}
    draw([by_title[title] for title in SHOWN], out)
    # Fewer digits: a tenth of a point is as much as one can see.
    text = Path(out).read_text(encoding="utf-8")
    text = re.sub(r"\d+\.\d{2,}", lambda m: f"{float(m[0]):.1f}", text)
    Path(out).write_text(re.sub(r" +$", "", text, flags=re.MULTILINE), encoding="utf-8")


if __name__ == "__main__":
    main()
