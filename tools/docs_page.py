"""Reads a page of the documentation: its blocks and their marks. Compares an answer with
the one that the page shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FENCE = re.compile(r"^ {0,3}```(.*)$")
MARK = re.compile(r"^<!-- docs: (.*?) -->$")
SETUP = "<!-- docs: setup"
LANGUAGES = {"sh", "text", "json", "yaml", "python", "ts"}
MARKS = re.compile(r"server|not run: \S.*|at most \d+[sm]")
# Members that differ from run to run: only their types are compared.
MEASURED = re.compile(r"id|.*_(id|ms|bytes|at|seconds)|version|started|expires|uptime|pid")


@dataclass
class Block:
    page: Path
    line: int
    language: str  # "setup" for blocks that the page hides
    note: str  # the second word of the fence: output, config, keys
    text: str
    marks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def reason_not_to_run(self) -> str | None:
        return next((mark.removeprefix("not run: ") for mark in self.marks if mark.startswith("not run: ")), None)

    @property
    def is_server(self) -> bool:
        return "server" in self.marks

    @property
    def seconds(self) -> int:
        for mark in self.marks:
            if mark.startswith("at most "):
                return int(mark[8:-1]) * (60 if mark.endswith("m") else 1)
        return 300 if self.is_server else 60  # a server may have to be built first, as by make run


def blocks(page: Path) -> Iterator[Block]:
    """Yields the blocks of a page. Raises ValueError for a fence without a language, or an unknown mark."""
    marks: list[str] = []
    open_block: Block | None = None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if open_block:
            if fence or (open_block.language == "setup" and line == "-->"):
                yield open_block
                open_block = None
            else:
                open_block.text += line + "\n"
        elif fence:
            language, _, note = fence[1].strip().partition(" ")
            if language not in LANGUAGES:
                raise ValueError(f"{page}:{number}: a fence has one of {sorted(LANGUAGES)}, not {language!r}")
            open_block = Block(page, number, language, note, "", marks)
            marks = []
        elif line == SETUP:
            open_block = Block(page, number, "setup", "", "")
        elif mark := MARK.match(line):
            if not MARKS.fullmatch(mark[1]):
                raise ValueError(f"{page}:{number}: no such mark: {mark[1]}")
            marks.append(mark[1])
        elif line.strip() and marks:
            raise ValueError(f"{page}:{number}: no block follows the mark {marks[-1]!r}")
    if open_block:
        raise ValueError(f"{open_block}: the block does not end")


def differences(shown: Block, output: str) -> list[str]:
    """Returns how the output differs from the one that the page shows."""
    if shown.language == "json":
        return list(json_differences(documents(quoted_ellipses(shown.text)), documents(output), ""))
    pattern = "".join(map(line_pattern, shown.text.splitlines()))
    text = "".join(line.rstrip() + "\n" for line in output.splitlines())
    return [] if re.fullmatch(pattern, text) else [f"shown:\n{shown.text}printed:\n{text}"]


def line_pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*"
    figure = r"\d+(?:\.\d+)+|\d+(?:\.\d+)?(?= ?(?:ns|µs|ms|s|m|h|B|KiB|MiB|GiB|KB|MB|GB|%|/s)\b)"
    parts = re.split(f"({figure}|…)", line.rstrip())
    wild = {"…": ".*"}
    return "".join(wild.get(part, r"[\d.]+") if i % 2 else re.escape(part) for i, part in enumerate(parts)) + r"\n"


def documents(text: str) -> list[Any]:
    decoder, found, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def quoted_ellipses(text: str) -> str:
    """Makes strings of each … that stands for members, items or values in JSON."""
    result, stack, in_string, before = [], [""], False, ""
    for i, c in enumerate(text):
        if in_string:
            in_string = c != '"' or text[i - 1] == "\\"
        elif c == "…":
            result.append('"…": "…"' if stack[-1] == "{" and before != ":" else '"…"')
            before = c
            continue
        elif c == '"':
            in_string = True
        elif c in "{[":
            stack.append(c)
        elif c in "}]":
            stack.pop()
        if not c.isspace():
            before = c
        result.append(c)
    return "".join(result)


def json_differences(shown: Any, printed: Any, at: str) -> Iterator[str]:
    name = at.rpartition("/")[2]
    if isinstance(shown, str) and "…" in shown:
        pattern = ".*".join(map(re.escape, shown.split("…")))
        if shown != "…" and not (isinstance(printed, str) and re.fullmatch(pattern, printed, re.DOTALL)):
            yield f"{at}: the page shows {shown!r}, it is {printed!r}"
    elif isinstance(shown, dict) and isinstance(printed, dict):
        rest = "…" in shown
        for key in shown.keys() - {"…"} | (set() if rest else printed.keys()):
            if key not in printed or key not in shown:
                yield f"{at}/{key}: only {'on the page' if key in shown else 'in the answer'}"
            else:
                yield from json_differences(shown[key], printed[key], f"{at}/{key}")
    elif isinstance(shown, list) and isinstance(printed, list):
        count = len(shown)
        if shown and shown[-1] == "…":
            count, printed = count - 1, printed[: len(shown) - 1]
        if len(printed) != count:
            yield f"{at}: the page shows {count} items, there are {len(printed)}"
        for i, (one, other) in enumerate(zip(shown[:count], printed, strict=False)):
            yield from json_differences(one, other, f"{at}/{i}")
    elif MEASURED.fullmatch(name) and same_kind(shown, printed):
        pass
    elif shown != printed or type(shown) is not type(printed):
        yield f"{at}: the page shows {shown!r}, it is {printed!r}"


def same_kind(shown: Any, printed: Any) -> bool:
    numbers = isinstance(shown, int | float) and isinstance(printed, int | float)
    return numbers or type(shown) is type(printed)
