"""Writes files that are whole, or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(target: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a file that gets the name target at the end of the block.

    If the block raises, nothing of it stays, and a file that was there before is as
    it was. What is no regular file, such as a pipe, is written to directly.
    """
    path = Path(target).resolve()  # a link stays one
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f".hotcell-{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
