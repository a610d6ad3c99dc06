"""The table of the gate's steps, from logs as gotestsum, pytest and docs_run.py write them."""

from __future__ import annotations

import io
import signal
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import steps

FAILED = """\
=== RUN   TestA

=== Failed
=== FAIL: supervisor TestA (1.20s)
    a_test.go:7: wrong
"""
SKIPPED = """\
=== SKIP: nsjail TestB (0.00s)
    b_test.go:3: no cgroups
DONE 10 tests, 1 skipped in 3.000s
"""


@pytest.mark.parametrize(
    ("log", "status", "passed", "broken", "skipped", "flaky", "failed"),
    [
        ("DONE 721 tests in 70.1s\n", 0, 721, 0, 0, [], False),
        ("DONE 1 test in 0.1s\n", 0, 1, 0, 0, [], False),
        (SKIPPED, 0, 9, 0, 1, [], False),
        (FAILED + "DONE 10 tests, 1 skipped, 2 failures in 3.000s\n", 1, 7, 2, 1, [], True),
        # A test that passed when it was run again is flaky; one that failed again is not.
        (
            FAILED + "DONE 10 tests, 1 failure in 3.000s\nDONE 2 runs, 11 tests, 1 failure in 4.000s\n",
            0,
            10,
            0,
            0,
            ["supervisor TestA"],
            False,
        ),
        (
            FAILED + "DONE 10 tests, 1 failure in 3.000s\nDONE 2 runs, 11 tests, 2 failures in 4.000s\n",
            1,
            9,
            2,
            0,
            [],
            True,
        ),
        # Two packages' runs are added up.
        ("DONE 3 tests in 1s\nDONE 4 tests in 1s\n", 0, 7, 0, 0, [], False),
        ("===== 5 passed, 2 skipped in 1.00s =====\n", 0, 5, 0, 2, [], False),
        ("1 failed, 5 passed in 1.00s\n", 1, 5, 1, 0, [], True),
        # A step without tests counts as one, as does a failure outside of its tests.
        ("all is well\n", 0, 1, 0, 0, [], False),
        ("make: *** [Makefile:1: lint] Error 1\n", 2, 0, 1, 0, [], True),
        ("DONE 10 tests in 3.000s\nleft in $TMPDIR: ['hotcell-1']\n", 1, 10, 1, 0, [], True),
        # A filter that matches no test is a mistake.
        ("DONE 0 tests in 0.1s\n", 0, 0, 1, 0, [], True),
    ],
)
def test_a_log_is_counted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    log: str,
    status: int,
    passed: int,
    broken: int,
    skipped: int,
    flaky: list[str],
    failed: bool,
) -> None:
    monkeypatch.delenv("CI", raising=False)
    result = result_of(tmp_path, log, status)
    assert (result.passed, result.broken, result.skipped) == (passed, broken, skipped)
    assert (result.flaky, result.failed) == (flaky, failed)


def test_what_is_skipped_has_failed_where_ci_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    assert result_of(tmp_path, SKIPPED, 0).failed
    assert not result_of(tmp_path, "DONE 10 tests in 3.000s\n", 0).failed


def test_the_end_tells_what_failed_was_skipped_or_is_flaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    again = "DONE 10 tests, 1 failure in 3.000s\nDONE 2 runs, 11 tests, 1 failure in 4.000s\n"
    results = [
        result_of(tmp_path, FAILED + again, 0, "flaky-step"),
        result_of(tmp_path, SKIPPED, 0, "skips"),
        result_of(tmp_path, "noise\n" * 1000 + FAILED + "DONE 10 tests, 1 failure in 3.000s\n", 1, "fails"),
    ]
    out = io.StringIO()
    with redirect_stdout(out):
        steps.tell(results, 77.4)
    told = out.getvalue()
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert f"======== fails FAILED; {tmp_path}/fails.log has more:" in lines
    assert "a_test.go:7: wrong" in lines
    assert "noise" not in told
    assert lines[lines.index("flaky, passed when run again:") + 1] == "flaky-step: supervisor TestA"
    assert lines[lines.index("skipped:") + 1] == "skips: === SKIP: nsjail TestB (0.00s) b_test.go:3: no cgroups"
    assert "flaky-step flaky 10 0 0 2 s" in lines
    assert "skips ok 9 0 1 2 s" in lines
    assert "fails FAILED 9 1 0 2 s" in lines
    assert lines[-1] == "gate: 28 passed, 1 failed, 1 skipped"


def test_steps_run_as_make_does_and_their_leavings_are_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Makefile").write_text(
        "good:\n\t@echo 'DONE 2 tests in 1s'\n"
        "leaves:\n\t@touch $$TMPDIR/hotcell-left; echo 'DONE 2 tests in 1s'\n"
        "bad:\n\t@exit 3\n"
        "needed:\n\t@exit 3\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            assert steps.main([str(tmp_path / "logs"), "good"]) == 0
            assert steps.main([str(tmp_path / "logs"), "good", "leaves", "--then", "bad"]) == 1
            assert steps.main([str(tmp_path / "logs"), "bad", "good!", "--then", "good", "leaves!"]) == 1
            assert (
                steps.main([str(tmp_path / "logs"), "good", "needed!", "--then", "leaves", "good", "--then", "bad"])
                == 1
            )
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert "gate: 2 passed, 0 failed, 0 skipped" in out.getvalue()
    assert "gate: 4 passed, 2 failed, 0 skipped" in out.getvalue()
    assert "left in $TMPDIR: ['hotcell-left']" in out.getvalue()
    # If a step fails that others need, they do not run. Others do not keep any from running.
    assert "gate: 6 passed, 2 failed, 0 skipped" in out.getvalue()
    assert "not run, since they need what failed: leaves good bad\n\ngate: 2 passed, 1 failed" in out.getvalue()
    assert out.getvalue().count("not run") == 1


def result_of(directory: Path, log: str, status: int, target: str = "step") -> steps.Result:
    path = directory / f"{target}.log"
    path.write_text(log)
    return steps.Result(target, path, status, 2.0)
