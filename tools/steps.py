"""Runs steps of the gate, which are targets of make, and tells at the end how each went.

    tools/steps.py LOG_DIR TARGET... [--then TARGET...]...

All steps run, whatever becomes of the others. Two run side by side; those after --then
wait for the end of those before, so that one which measures the machine has it for
itself. What a step writes is in LOG_DIR/TARGET.log, and its end is told where it
failed. Where CI is set, a step that skipped a test has failed.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SIDE_BY_SIDE = 2
# gotestsum and pytest count and list what they skipped.
SKIPPED = re.compile(r"\b([1-9]\d*) skipped\b")
SKIP = re.compile(r"^(?:=== SKIP: .*|SKIPPED \[.*|    \S+_test\.go:\d+: needs .*)$", re.MULTILINE)


@dataclass
class Result:
    target: str
    log: Path
    status: int
    seconds: float

    def skipped(self) -> list[str]:
        text = self.log.read_text(errors="replace")
        return SKIP.findall(text) or ["(not listed)"] if SKIPPED.search(text) else []

    def failed(self) -> bool:
        return self.status != 0 or ("CI" in os.environ and bool(self.skipped()))


def run(target: str, log: Path) -> Result:
    print(f"steps: {target} begins", flush=True)
    began = time.monotonic()
    # What the steps have in common is built: it is not looked at again by each.
    command = ["make", "--no-print-directory", "--old-file=build", "--old-file=hotcell", "--old-file=setup", target]
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with log.open("w") as out:
        status = subprocess.run(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env
        ).returncode
    result = Result(target, log, status, time.monotonic() - began)
    print(f"steps: {target}: {'FAILED' if result.failed() else 'ok'} after {result.seconds:.0f} s", flush=True)
    return result


def main(arguments: list[str]) -> int:
    logs = Path(arguments.pop(0))
    logs.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    results: list[Result] = []
    for phase in " ".join(arguments).split(" --then "):
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            results += pool.map(lambda target: run(target, logs / f"{target}.log"), phase.split())

    for result in results:
        if result.failed():
            lines = result.log.read_text(errors="replace").splitlines()
            print(f"\n{result.target} FAILED; the end of {result.log}:", *lines[-60:], sep="\n")
    skipped = {result.target: result.skipped() for result in results}
    if any(skipped.values()):
        print("\nskipped:")
        for target, lines in skipped.items():
            print(*(f"  {target}: {line.strip()}" for line in lines), sep="\n")
    print(f"\n{'step':24} {'result':8} {'time':>8}  log")
    for result in results:
        print(f"{result.target:24} {'FAILED' if result.failed() else 'ok':8} {result.seconds:6.0f} s  {result.log}")
    print(f"{'all':24} {'':8} {time.monotonic() - began:6.0f} s")
    return 1 if any(result.failed() for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
