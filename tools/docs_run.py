"""Runs the commands of the documentation, exactly as shown, in a clean clone.

    tools/docs_run.py [PAGE...]

The blocks of a page run in order in one shell, in the root of the clone. A plain
`hotcell serve` answers on 127.0.0.1:8080, unless the page has a server of its own.
CONTRIBUTING.md describes the marks that a page may have. The output lists the blocks that
do not run, with the reasons.
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from docs_page import Block, blocks, differences

ADDRESS = ("127.0.0.1", 8080)


class Failed(Exception):
    pass


def answers(path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{ADDRESS[0]}:{ADDRESS[1]}{path}", timeout=5):
            return True
    except (OSError, urllib.error.URLError):
        return False


def port_is_free() -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(ADDRESS)
        except OSError:
            return False
        return True


def end_group(group: int, leader: "subprocess.Popen[bytes] | None" = None, patience: float = 20) -> None:
    """Ends a process group and waits until nothing of it is left.

    A leader that is this process's child is waited for: as a zombie it would keep the
    group until patience ends.
    """
    for chosen in signal.SIGTERM, signal.SIGKILL:
        sent: int = chosen
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if leader:
                leader.poll()
            try:
                os.killpg(group, sent)
            except ProcessLookupError:
                return
            sent = 0  # only asks whether it is there
            time.sleep(0.15)


class Shell:
    """One shell, in which the blocks of a page run."""

    def __init__(self, clone: Path, work: Path, env: dict[str, str]) -> None:
        self.work, self.count, self.server = work, 0, 0
        self.bash = subprocess.Popen(
            ["bash", "-s"], cwd=clone, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self.say("set -eu -o pipefail")

    def say(self, line: str) -> None:
        assert self.bash.stdin
        self.bash.stdin.write(f"{line}\n".encode())
        self.bash.stdin.flush()

    def answer(self, seconds: float) -> str:
        """Returns the next line that the shell writes; empty if it has ended."""
        assert self.bash.stdout
        if not select.select([self.bash.stdout], [], [], seconds)[0]:
            raise Failed(f"not done after {seconds} s")
        return os.read(self.bash.stdout.fileno(), 100).decode().strip()

    def run(self, block: Block) -> str:
        self.count += 1
        script = self.work / f"{self.count}.sh"
        script.write_text(block.text)
        output, errors = script.with_suffix(".out"), script.with_suffix(".err")
        if block.is_server:
            self.end_server()
            # In a process group of its own, so that all that it started can be
            # stopped.
            self.say(f"set -m; ( . {script} ) >{output} 2>{errors} </dev/null & set +m; echo $!")
            self.server = int(self.answer(10))
            wait_for_server(lambda: self.group_lives(), lambda: errors.read_text()[-2000:], block.seconds)
            return ""
        self.say(f". {script} >{output} 2>{errors} </dev/null; echo done")
        try:
            if self.answer(block.seconds) != "done":
                raise Failed("a command failed")
        except Failed as failed:
            raise Failed(f"{failed}\n{output.read_text()[-2000:]}{errors.read_text()[-2000:]}") from None
        return output.read_text()

    def group_lives(self) -> bool:
        try:
            os.killpg(self.server, 0)
        except ProcessLookupError:
            return False
        return True

    def end_server(self) -> None:
        if self.server:
            end_group(self.server)
            self.server = 0

    def close(self) -> None:
        self.end_server()
        end_group(self.bash.pid, self.bash)
        self.bash.wait()


def wait_for_server(lives: Callable[[], bool], log: Callable[[], str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not answers("/readyz"):
        if not lives() or time.monotonic() > end:
            raise Failed(f"no server on port {ADDRESS[1]}:\n{log()}")
        time.sleep(0.1)


@contextlib.contextmanager
def clean_clone() -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix="hotcell-docs-"))
    work.chmod(0o755)  # the users of jails must reach the environment in it
    try:
        clone = work / "hotcell"
        subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
        yield clone
    finally:
        shutil.rmtree(work)


def run_page(page: Path, clone: Path, env: dict[str, str]) -> tuple[int, int]:
    """Runs the blocks. Returns how many ran, and how many answers were compared."""
    todo = [block for block in blocks(clone / page) if not block.reason_not_to_run]
    todo = [block for block in todo if block.language in ("sh", "setup") or block.note == "output"]
    if not any(block.language == "sh" for block in todo):
        return 0, 0
    if not port_is_free():
        raise Failed(f"port {ADDRESS[1]} is taken: the pages' own server needs it")
    work = Path(tempfile.mkdtemp(dir=clone.parent, prefix=page.stem))
    shell = Shell(clone, work, env)
    ran, compared, printed = 0, 0, ""
    try:
        if not any(block.is_server for block in todo):
            shell.run(Block(page, 0, "sh", "", "hotcell serve\n", ["server"]))
        for block in todo:
            try:
                if block.note == "output":
                    compared += 1
                    if found := differences(block, printed):
                        raise Failed("\n".join(found))
                else:
                    ran += block.language == "sh"
                    printed = shell.run(block)
            except (Failed, ValueError) as failed:
                raise Failed(f"{page}:{block.line}: {failed}") from None
    finally:
        shell.close()
        subprocess.run(["git", "clean", "-fdq"], cwd=clone, check=True)
    return ran, compared


def main(pages: list[str]) -> int:
    if not pages:
        listed = subprocess.run(["git", "ls-files", "*.md"], check=True, capture_output=True, text=True).stdout
        pages = [page for page in listed.split() if not page.startswith("bench/results/")]
    failures, ran, compared = [], 0, 0
    reasons = [block for page in pages for block in blocks(Path(page)) if block.reason_not_to_run]
    with clean_clone() as clone:
        env = {name: value for name, value in os.environ.items() if not name.startswith(("HOTCELL_", "MAKE", "MFLAGS"))}
        env["PATH"] = f"{clone}/build:{env['PATH']}"
        env["HOTCELL_JOBS_DIR"] = str(clone.parent / "jobs")
        subprocess.run(["make", "--silent", "build"], cwd=clone, env=env, check=True)
        for page in pages:
            try:
                one, other = run_page(Path(page), clone, env)
                ran, compared = ran + one, compared + other
                if one:
                    print(f"docs: {page}: {one} blocks run, {other} answers compared", flush=True)
            except (Failed, ValueError) as failed:
                print(f"docs: FAILED: {failed}", flush=True)
                failures.append(page)
    print(f"docs: {ran} blocks run, {compared} answers compared, {len(failures)} pages failed; {len(reasons)} not run:")
    for block in reasons:
        print(f"  {block}: {block.reason_not_to_run}")
    print(f"{ran} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
