"""Gives a forked cell its own random numbers.

Two cells of one zygote start with the same memory, so every generator that keeps
its state there would give both the same numbers. Generators that ask the kernel each
time (os.urandom, secrets, uuid4) need nothing. Only modules that are already loaded
are reseeded; modules that a script imports later seed themselves.

What costs most in a cell is code that runs for the first time since the fork. So a cell
that has not rehearsed, whose generators are as the zygote left them, gets the words of
numpy's global generator written into its memory, where their place is known. OpenSSL
reseeds itself when it finds that getpid() has changed, RAND(7). That is so in a cell, but
not in a cell's child that has the zygote's number, so a hook reseeds it there.
"""

import ctypes
import os
import random
import struct
import sys
import tempfile
from typing import Any

_OPENSSL_KNOWS_FORKS = (3, 0)
_NUMPY_BYTES = 624 * 4  # a Mersenne Twister's

_numpy_words: int | None = None  # their address
_zygote = 0  # its pid


def prepare() -> None:
    """Finds the words of numpy's global generator, once in the zygote, after reseed."""
    global _numpy_words, _zygote
    _zygote = os.getpid()
    os.register_at_fork(after_in_child=_reseed_namesake)
    loaded: Any = sys.modules.get("numpy.random")
    try:
        generator = loaded.get_bit_generator()
        address, state = generator.ctypes.state_address, generator.state
        words = state["state"]["key"].tobytes()
        whole = state["bit_generator"] == "MT19937" and state["state"]["pos"] == 624 and len(words) == _NUMPY_BYTES
        if whole and ctypes.string_at(address, _NUMPY_BYTES) == words:
            _numpy_words = address
    except Exception:  # another numpy, or none: it is seeded by its own function
        return


def _reseed_namesake() -> None:
    loaded: Any = sys.modules.get("ssl")
    if loaded and os.getpid() == _zygote:
        loaded.RAND_add(os.urandom(32), 32.0)


def reseed(untouched: bool = False) -> None:
    """Reseeds all generators. They are untouched if nothing was drawn since prepare."""
    random.seed()
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    loaded: Any  # modules by name, which the type checker does not know
    loaded = sys.modules.get("ssl")
    if loaded and not (untouched and loaded.OPENSSL_VERSION_INFO >= _OPENSSL_KNOWS_FORKS):
        loaded.RAND_add(os.urandom(32), 32.0)
    if loaded := sys.modules.get("uuid"):
        vars(loaded).update(_node=None, _last_timestamp=None)
    if loaded := sys.modules.get("multiprocessing.process"):
        loaded.current_process().authkey = os.urandom(32)
    if untouched and _numpy_words:
        ctypes.memmove(_numpy_words, os.urandom(_NUMPY_BYTES), _NUMPY_BYTES)
    elif loaded := sys.modules.get("numpy.random"):
        loaded.seed(struct.unpack("8I", os.urandom(32)))
