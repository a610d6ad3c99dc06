"""Checks that what the documentation names exists: links and anchors, files, make targets,
hotcell's commands and flags. Checks also that each block is valid.

    tools/docs_check.py HOTCELL [PAGE...]
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docs_page import MARK, SETUP, blocks, documents, quoted_ellipses

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*")
# One of our commands, at the start of a line of shell or after what may precede
# it.
COMMAND = re.compile(
    r"(?:^|[|&;(]|\bexec |\bsudo )\s*(?:[A-Z_]+=\S+ )*(?:\S*/)?(make|hotcell(?:-attack|-bench)?)\s+([^|&;>#)]*)"
)


def prose_of(page: Path) -> str:
    """Returns the page without its blocks."""
    prose, inside = [], False
    for line in page.read_text().splitlines():
        if line.lstrip().startswith("```") or line == SETUP or (inside and line == "-->"):
            inside = not inside
        elif not inside and not MARK.match(line):
            prose.append(line)
    return "\n".join(prose)


@cache
def anchors(page: Path) -> set[str]:
    """Returns the anchors that GitHub gives to the headings."""
    found: dict[str, int] = {}
    result = set()
    for heading in re.findall(r"^#+ +(.*?)\s*$", prose_of(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        result.add(f"{slug}-{found[slug]}" if slug in found else slug)
        found[slug] = found.get(slug, 0) + 1
    return result | set(re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text()))


@cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", Path("Makefile").read_text(), re.MULTILINE))


@cache
def tracked() -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    files = set(listed.stdout.split())
    return files | {str(parent) for file in files for parent in Path(file).parents}


@cache
def help_of(program: Path, command: tuple[str, ...]) -> str | None:
    """Returns the output of `hotcell COMMAND --help`, or None if there is no such command."""
    told = subprocess.run([program, *command, "--help"], capture_output=True, text=True, timeout=20)
    return told.stdout + told.stderr if told.returncode == 0 else None


def wrong_command(line: str, program: Path) -> Iterator[str]:
    for name, rest in COMMAND.findall(line):
        words = rest.split()
        if name == "make":
            for word in words:
                if re.fullmatch(r"[a-z][\w-]*", word) and word not in targets():
                    yield f"make has no target {word!r}"
                if not re.fullmatch(r"[a-z][\w-]*", word):
                    break
            continue
        binary = program.with_name(name)
        command: tuple[str, ...] = ()
        for word in words:
            if re.fullmatch(r"[a-z]+", word) and help_of(binary, (*command, word)) and len(command) < 2:
                command = (*command, word)
            else:
                break
        text = help_of(binary, command)
        if text is None or (name == "hotcell" and not command and words and re.fullmatch(r"[a-z]+", words[0])):
            yield f"there is no command {name} {' '.join(words[:1])}"
            continue
        for flag in re.findall(r"(?<!\S)--([a-z][a-z-]*)", rest):
            if not re.search(rf"--{flag}\b(?!-)", text) and flag != "help":
                yield f"{name} {' '.join(command)} has no flag --{flag}"


def wrong_links(page: Path, prose: str) -> Iterator[str]:
    for link in LINK.findall(prose):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target).resolve() if target else page.resolve()
        if not file.exists():
            yield f"a link to {target}, which there is not"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"a link to {link}: there is no such heading"


def wrong_files(page: Path, prose: str) -> Iterator[str]:
    roots = {name.split("/")[0] for name in tracked() if "/" in name}
    for code in CODE.findall(prose):
        name = re.sub(r":\d+$", "", code).rstrip("/")
        ours = FILE.fullmatch(code) and code.split("/")[0] in roots and not code.startswith("build/")
        if ours and not {name, str(page.parent / name)} & tracked():
            yield f"{code}: there is no such file"


def unreadable(page: Path) -> Iterator[str]:
    for block in blocks(page):
        try:
            if block.language == "python":
                compile(block.text, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            elif block.language == "json":
                documents(quoted_ellipses(block.text))
        except (SyntaxError, json.JSONDecodeError) as error:
            yield f"line {block.line}: {error}"


def main(program: str, pages: list[str]) -> int:
    pages = pages or [name for name in tracked() if name.endswith(".md") and not name.startswith("bench/results/")]
    wrong = []
    for page in map(Path, sorted(pages)):
        try:
            prose = prose_of(page)
            shell = "\n".join(block.text.replace("\\\n", " ") for block in blocks(page) if block.language == "sh")
        except ValueError as error:
            wrong.append(str(error))
            continue
        lines = [code for code in CODE.findall(prose) if code.startswith(("make ", "hotcell "))]
        commands = [
            found for line in lines + shell.splitlines() for found in wrong_command(line, Path(program).absolute())
        ]
        for found in [*unreadable(page), *commands, *wrong_links(page, prose), *wrong_files(page, prose)]:
            wrong.append(f"{page}: {found}")
    for found in dict.fromkeys(wrong):
        print(f"docs: {found}")
    print(f"docs: {len(pages)} pages name what there is" if not wrong else f"docs: {len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
