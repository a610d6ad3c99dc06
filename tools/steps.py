"""Runs steps of the gate, which are targets of make, and prints a table of the results.

    tools/steps.py LOG_DIR TARGET... [--then TARGET...]...

All steps run, even if others fail: SIDE_BY_SIDE at a time. Steps after --then start when
all steps before have ended, so that a step that measures the machine can have it for
itself. Others need what TARGET! makes: if it fails, no step after the next --then runs.
The output of a step is in LOG_DIR/TARGET.log; if it fails, its report of the
failed tests is printed. A test that passed only when gotestsum ran it again is flaky: the
step succeeds, and the end names the test. If CI is set, a step that skipped a test has
failed. An interrupt ends all steps and their processes, and the table is still printed.
"""

import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

SIDE_BY_SIDE = int(os.environ.get("SIDE_BY_SIDE", "2"))
# The last lines of gotestsum, pytest and tools/docs_run.py.
GO_TESTS = re.compile(r"^DONE (?:(\d+) runs, )?(\d+) tests?(?:, (\d+) skipped)?(?:, (\d+) failures?)?", re.MULTILINE)
OTHERS = re.compile(r"^=*\s*(?:\d+ \w+, )*\d+ (?:passed|failed|skipped)\b.*$", re.MULTILINE)
# A filter that matches no test is not a success.
NO_TESTS = re.compile(r"^DONE 0 tests", re.MULTILINE)
# Where their reports of failures begin.
FAILURES = re.compile(r"^(?:=== (?:Failed|Errors)|=+ (?:FAILURES|ERRORS) =+)$", re.MULTILINE)
FAIL = re.compile(r"^=== FAIL: (.+?)(?: \([\d.]+s\))?$", re.MULTILINE)
SKIP = re.compile(r"^(?:=== SKIP: .*\n.*|SKIPPED \[.*)$", re.MULTILINE)
MOST_LINES = 400


@dataclass
class Result:
    target: str
    log: Path
    status: int
    seconds: float

    def __post_init__(self) -> None:
        self.text = self.log.read_text(errors="replace")
        self.passed = self.broken = self.skipped = 0
        done = GO_TESTS.findall(self.text)
        for (_, *counts), (runs, *_) in zip(done, [*done, ("",)][1:], strict=True):
            if runs:  # the next line has the sum of both runs
                continue
            tests, skipped, failures = (int(count or 0) for count in counts)
            self.skipped += skipped
            self.broken += failures
            self.passed += tests - skipped - failures
        self.flaky: list[str] = []
        if self.status == 0 and self.broken:
            self.flaky, self.broken = sorted(set(FAIL.findall(self.text))), 0
        for line in OTHERS.findall(self.text):
            for name, field in (("passed", "passed"), ("failed", "broken"), ("skipped", "skipped")):
                if count := re.search(rf"(\d+) {name}\b", line):
                    setattr(self, field, getattr(self, field) + int(count[1]))
        not_run = NO_TESTS.search(self.text) or ("CI" in os.environ and self.skipped > 0)
        self.failed = self.status != 0 or bool(not_run)
        if not self.passed + self.broken + self.skipped or (self.failed and not self.broken):
            # The step runs no tests, or failed outside its tests.
            self.passed, self.broken = self.passed + (not self.failed), self.broken + self.failed

    def told(self) -> str:
        """Returns the log's report of the failures, or the end of the log."""
        begin = FAILURES.search(self.text)
        lines = self.text[begin.start() if begin else 0 :].splitlines()
        return "\n".join(lines[:MOST_LINES] if begin else lines[-100:])


class Steps:
    def __init__(self, logs: Path) -> None:
        self.logs, self.running, self.interrupted = logs, set[int](), False
        logs.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGINT, self.interrupt)
        signal.signal(signal.SIGTERM, self.interrupt)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        for group in list(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGTERM)

    def run(self, target: str) -> Result | None:
        if self.interrupted:
            return None
        print(f"steps: {target} begins\n", end="", flush=True)  # in one write: steps run side by side
        log, began = self.logs / f"{target}.log", time.monotonic()
        # What the steps share is built, so no step checks it again.
        command = ["make", "--no-print-directory", "--old-file=build", "--old-file=hotcell", "--old-file=setup", target]
        env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
        # Each step has a directory for temporary files of its own, in which nothing of
        # hotcell's may be left.
        temporary = Path(tempfile.mkdtemp(prefix="hotcell-"))
        temporary.chmod(0o1777)
        env["TMPDIR"] = str(temporary)
        with log.open("wb") as out:
            step = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
            )
            self.running.add(step.pid)
            status = self.wait(step)
            self.running.discard(step.pid)
            left = sorted(path.name for path in temporary.glob("hotcell*"))
            subprocess.run(["rm", "-rf", "--one-file-system", str(temporary)], check=False)
            if left and not self.interrupted:
                out.write(f"left in $TMPDIR: {left}\n".encode())
                status = status or 1
        result = Result(target, log, status, time.monotonic() - began)
        print(
            f"steps: {target}: {'FAILED' if result.failed else 'ok'} after {result.seconds:.0f} s\n", end="", flush=True
        )
        return result

    def wait(self, step: "subprocess.Popen[bytes]") -> int:
        """Waits until the step ends; on an interrupt, ends all that it has started. Returns its exit status."""
        killed_at = 0.0
        while (status := step.poll()) is None:
            time.sleep(0.1)
            if self.interrupted:
                killed_at = killed_at or time.monotonic() + 15
                if time.monotonic() > killed_at:
                    os.killpg(step.pid, signal.SIGKILL)
        if self.interrupted:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(step.pid, signal.SIGKILL)
        return status


def tell(results: list[Result], seconds: float, not_run: tuple[str, ...] = ()) -> None:
    for result in results:
        if result.failed:
            print(f"\n======== {result.target} FAILED; {result.log} has more:", result.told(), sep="\n")
    if any(result.skipped for result in results):
        print("\nskipped:")
    for result in results:
        for lines in SKIP.findall(result.text):
            print(f"  {result.target}: {' '.join(lines.split())}")
    if any(result.flaky for result in results):
        print("\nflaky, passed when run again:")
    for result in results:
        for name in result.flaky:
            print(f"  {result.target}: {name}")
    print(f"\n{'step':18} {'result':7} {'passed':>7} {'failed':>7} {'skipped':>8} {'time':>8}")
    for r in results:
        state = "FAILED" if r.failed else "flaky" if r.flaky else "ok"
        print(f"{r.target:18} {state:7} {r.passed:7} {r.broken:7} {r.skipped:8} {r.seconds:6.0f} s")
    print(f"{'all':50} {seconds:8.0f} s\n")
    if not_run:
        print(f"not run, since they need what failed: {' '.join(not_run)}\n")
    passed, failed, skipped = (sum(getattr(r, name) for r in results) for name in ("passed", "broken", "skipped"))
    print(f"gate: {passed} passed, {failed} failed, {skipped} skipped", flush=True)


def main(arguments: list[str]) -> int:
    steps, began = Steps(Path(arguments[0])), time.monotonic()
    results: list[Result] = []
    left = [phase.split() for phase in " ".join(arguments[1:]).split(" --then ")]
    needed = False  # what failed is
    while left and not needed:
        phase = left.pop(0)
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            results += [result for result in pool.map(steps.run, [target.rstrip("!") for target in phase]) if result]
        needed = any(result.failed and f"{result.target}!" in phase for result in results)
    tell(results, time.monotonic() - began, tuple(target.rstrip("!") for phase in left for target in phase))
    return 1 if steps.interrupted or any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
