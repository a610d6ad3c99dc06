"""Gives a forked cell its own random numbers.

Two cells of one zygote start with the same memory, so every generator that keeps
its state there would give both the same numbers. Generators that ask the kernel each
time (os.urandom, secrets, uuid4) need nothing. Only modules that are already loaded
are reseeded; modules that a script imports later seed themselves.
"""

import os
import random
import struct
import sys
import tempfile
from typing import Any


def reseed() -> None:
    random.seed()
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    loaded: Any  # modules by name, which the type checker does not know
    if loaded := sys.modules.get("ssl"):
        loaded.RAND_add(os.urandom(32), 32.0)
    if loaded := sys.modules.get("uuid"):
        vars(loaded).update(_node=None, _last_timestamp=None)
    if loaded := sys.modules.get("multiprocessing.process"):
        loaded.current_process().authkey = os.urandom(32)
    if loaded := sys.modules.get("numpy.random"):
        loaded.seed(struct.unpack("8I", os.urandom(32)))
