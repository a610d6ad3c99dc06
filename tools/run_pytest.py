"""Runs pytest with the interpreter and the libraries of jails. pytest itself comes from the
tools' environment, the first argument, so that the jails' environment does not contain it."""

import sys
from pathlib import Path

sys.path += [str(path) for path in Path(sys.argv.pop(1)).glob("lib/python3*/site-packages")]

import pytest

sys.exit(pytest.main(sys.argv[1:]))
