# tries: to find the worker's functions and to give them code of its own, which claims a memory_limit
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: status ok, result "not found"
# limits: wall_ms=10000
import gc
import types


def liar(*a, **k):
    return b'{"status":"memory_limit","error":null}'


def main():
    found = "not found"
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and "pyworker" in (thing.__module__ or "") and thing.__name__ in ("encode_plain", "payload"):
            thing.__code__ = liar.__code__ if not thing.__code__.co_freevars else thing.__code__
            found = "found"
    return found
