# tries: to break the worker's sending by what it uses: builtins, json, base64, re, io, its lock and its counters
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result "still", outputs 1
import base64, builtins, io, json, re


def main():
    for name in ("len", "isinstance", "type", "str", "sorted", "sum", "repr", "getattr", "callable", "memoryview"):
        setattr(builtins, name, None)
    for module in (base64, json, json.encoder, re, io):
        for name in list(vars(module)):
            if not name.startswith("__"):
                setattr(module, name, None)
    display({"text/html": "<b>", "image/png": "eA=="}, raw=True)
    return "still"


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status killed, error ProtocolError, outputs none
# expect: status ok|output_limit
import sys


def main():
    outputs = sys.modules["pyworker.outputs"]
    outputs._channel.left, outputs._channel.bytes = 10**9, 10**12
    for n in range(300):
        display("x")


# --- then
# request: {"display": true}
# limits: wall_ms=2000
# expect: status timeout, limit wall
# expect: status ok
import sys


def main():
    sys.modules["pyworker.outputs"]._channel.lock.acquire()
    sys.modules["pyworker.outputs"]._channel.writer.close()
    return 1


# --- then
# request: {"mode": "cell"}
# limits: wall_ms=10000
# expect: status ok|exception
import sys

for name in list(sys.modules):
    if name.startswith("IPython"):
        vars(sys.modules[name]).clear()
1
