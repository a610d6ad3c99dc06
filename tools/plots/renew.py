"""Puts runs of a benchmark into the documentation.

  renew.py DIR...   each DIR has the results.json and results.md of one run

Draws their plots, copies them to bench/results, and rewrites the table of goals in docs/performance.md and the links to
an older run in it and in README.md. The plots that are shown are the first run's. What the text says of the figures is
for you to renew.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

from bench import Report, draw_all

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
TABLE = "docs/performance.md"
PAGES = (TABLE, "README.md")
# Of runs of other scenarios, with tables of their own on other pages.
OTHERS = ("compat.svg", "goodput.svg", "overload-passes.svg")
MARKS = ("<!-- goals, by tools/plots/renew.py -->", "<!-- end of goals -->")


def kept(report: Report) -> Path:
    """Copies a run to bench/results."""
    day = report.data["began"][:10]
    number = 1
    while (RESULTS / f"{day}-{number}").exists():
        number += 1
    target = RESULTS / f"{day}-{number}"
    target.mkdir()
    for file in sorted(report.dir.iterdir()):
        if file.name in {"results.json", "results.md"} or file.suffix == ".svg":
            shutil.copyfile(file, target / file.name)
    return target


def quantity(value: float, unit: str) -> str:
    text = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
    return text + unit if unit in {"×", "/s"} else f"{text} {unit}".rstrip()


def table(runs: list[tuple[str, dict[str, Any]]]) -> str:
    """Returns the goals as a table, one column for each run; a bold figure misses its goal."""
    heads = ["goal", "wanted", "aim"]
    for n, (name, data) in enumerate(runs, 1):
        quiet = "" if data["quiet"] else ", not quiet"
        heads.append(f"[run {n}](../bench/results/{name}/results.md){quiet}")
    lines = [heads, ["---"] * len(heads)]
    goals = {goal["name"]: goal for _, data in reversed(runs) for goal in data["goals"]}
    for name, goal in goals.items():
        bound = "at least " if goal.get("at_least") else "at most "
        wanted = bound + quantity(goal["goal"], goal["unit"]) if goal["goal"] else "none"
        line = [name, wanted, quantity(goal["aim"], goal["unit"]) if "aim" in goal else ""]
        for _, data in runs:
            cell = ""
            for measured in data["goals"]:
                if measured["name"] == name:
                    figure = quantity(measured["value"], measured["unit"])
                    cell = figure if measured["met"] else f"**{figure}**"
            line.append(cell)
        lines.append(line)
    return (
        "\n".join("| " + " | ".join(line) + " |" for line in lines).replace("| --- ", "|---").replace("--- |", "---|")
    )


def plots(run: Path) -> str:
    """Returns the plots of a run that the page shows below the table."""
    shown = ("sequential", "One request after the other"), ("latency-against-rate", "Latency against rate")
    return "\n".join(
        f"![{title}](../bench/results/{run.name}/{name}.svg)" for name, title in shown if (run / f"{name}.svg").exists()
    )


def renewed(page: str, first: Path) -> str:
    """Returns a page with links to the first run, where it has the file."""

    def link(found: re.Match[str]) -> str:
        name = found[2]
        if name in OTHERS or not (first / name).exists():
            return found[0]
        return f"{found[1]}{first.name}/{name}"

    return re.sub(r"(bench/results/)[\w.-]+/([\w.-]+)", link, (ROOT / page).read_text())


def main(directories: list[Path]) -> None:
    reports = [Report(directory / "results.json") for directory in directories]
    for report in reports:
        draw_all(report)
    targets = [kept(report) for report in reports]
    for page in PAGES:
        text = renewed(page, targets[0])
        if page == TABLE:
            begin, end = (text.index(mark) for mark in MARKS)
            runs = [(target.name, report.data) for target, report in zip(targets, reports, strict=True)]
            text = text[: begin + len(MARKS[0])] + "\n" + table(runs) + "\n\n" + plots(targets[0]) + "\n" + text[end:]
        (ROOT / page).write_text(text)
        print(f"renewed {page}")
    for target in targets:
        print(f"kept {target.relative_to(ROOT)}")
    linked = "".join(
        (ROOT / page).read_text() for page in ("README.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")))
    )
    for old in sorted(RESULTS.iterdir()):
        if f"bench/results/{old.name}/" not in linked:
            print(f"no page links to {old.relative_to(ROOT)} any more: git rm it")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
