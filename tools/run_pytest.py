"""Runs pytest from the tools' environment (the first argument) with the interpreter
and the libraries that jails have, without putting it among them."""

import sys
from pathlib import Path

sys.path += [str(path) for path in Path(sys.argv.pop(1)).glob("lib/python3*/site-packages")]

import pytest

sys.exit(pytest.main(sys.argv[1:]))
