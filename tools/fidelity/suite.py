"""Runs one module of a test suite, in a cell or beside it, and tells what came of each of its tests.

    python suite.py KIND MODULE but|only TEST...

KIND is unittest or pytest. All tests run but those that are named, or only those. Each line that begins with MARK is
one JSON array: ["start", id], ["passed" | "failed" | "skipped", id, why], and at the end ["done"]. They go to
a copy of standard output, which tests do not replace.
"""

import importlib
import json
import os
import sys
import unittest
from pathlib import Path
from types import TracebackType
from typing import Any

MARK = "\x1e"
OptExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Report:
    def __init__(self) -> None:
        self._fd, self._pid = os.dup(1), os.getpid()

    def tell(self, *line: str) -> None:
        if os.getpid() == self._pid:  # not a child that a test has forked
            os.write(self._fd, f"\n{MARK}{json.dumps(line)}\n".encode())


def _brief(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".strip()[-300:]


def _id(test: unittest.TestCase) -> str:
    return type(test).id(test)  # some tests have an attribute of that name


class Result(unittest.TestResult):
    """A test that has parts (subTest) has passed if all of them have."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report, self._outcome = report, ("passed", "")

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().startTest(test)
        self._outcome = ("passed", "")
        self._report.tell("start", _id(test))

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        super().stopTest(test)
        self._report.tell(self._outcome[0], _id(test), self._outcome[1])

    def _failed(self, test: unittest.TestCase, error: OptExcInfo) -> None:
        if isinstance(test, unittest.TestCase):
            self._outcome = ("failed", _brief(error[1]))
        else:  # setUpClass, tearDownModule and their kin
            self._report.tell("failed", _id(test), _brief(error[1]))

    def addError(self, test: unittest.TestCase, err: OptExcInfo) -> None:  # noqa: N802
        self._failed(test, err)

    def addFailure(self, test: unittest.TestCase, err: OptExcInfo) -> None:  # noqa: N802
        self._failed(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: OptExcInfo | None) -> None:  # noqa: N802
        if err is not None:
            self._failed(test, err)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802
        self._outcome = ("failed", "unexpected success")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802
        if self._outcome[0] == "passed":
            self._outcome = ("skipped", reason[:300])


class Choice:
    def __init__(self, which: str, tests: tuple[str, ...]) -> None:
        self._only, self._tests = {"but": False, "only": True}[which], set(tests)

    def __contains__(self, test: str) -> bool:
        return (test in self._tests) == self._only

    def of(self, tests: unittest.TestSuite) -> unittest.TestSuite:
        kept = unittest.TestSuite()
        for test in tests:
            if isinstance(test, unittest.TestSuite):
                kept.addTest(self.of(test))
            elif _id(test) in self:
                kept.addTest(test)
        return kept


def run_unittest(name: str, choice: Choice, report: Report) -> None:
    if name.startswith("test."):  # CPython's own: no resources that take long or need a network
        support: Any = importlib.import_module("test.support")
        support.use_resources, support.verbose = (), False
    try:
        module = importlib.import_module(name)
    except unittest.SkipTest as why:
        report.tell("skipped", name, str(why))
        return
    choice.of(unittest.TestLoader().loadTestsFromModule(module)).run(Result(report))


class Plugin:
    def __init__(self, choice: Choice, report: Report) -> None:
        self._choice, self._report = choice, report

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if item.nodeid in self._choice]

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._report.tell("failed", report.nodeid, str(report.longrepr)[-300:])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._report.tell("start", nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.skipped or report.failed or report.when == "call":
            self._report.tell(report.outcome, report.nodeid, str(report.longrepr or "")[-300:])


def run_pytest(name: str, choice: Choice, report: Report) -> None:
    import pytest

    module = importlib.import_module(name)
    place = Path(module.__file__ or "")
    place = place.parent if place.name == "__init__.py" else place
    packages = str(Path(importlib.import_module(name.partition(".")[0]).__file__ or "").parent.parent)
    # Without the options of a library's own pyproject.toml, which are for plugins.
    options = ["-q", "--rootdir", packages, "-p", "no:cacheprovider", "-o", "addopts=", "-m", "not slow"]
    options += ["-W", "ignore", "--tb=line"]
    pytest.main([*options, str(place)], plugins=[Plugin(choice, report)])


def main(kind: str, name: str, which: str, *tests: str) -> None:
    report = Report()
    {"unittest": run_unittest, "pytest": run_pytest}[kind](name, Choice(which, tests), report)
    report.tell("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
