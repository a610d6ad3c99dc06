# tries: to overflow the stack of C by nested input: JSON, literals, regular expressions, repr, copies, pickles
# expect: held RecursionError|MemoryError|SyntaxError|OverflowError|ValueError|error|SIGSEGV|none
# limits: wall_ms=20000
import ast
import copy
import json
import pickle
import re
import signal


def nested(n):
    inner = []
    for _ in range(n):
        inner = [inner]
    return inner


ATTEMPTS = (
    lambda: json.loads("[" * 200_000),
    lambda: json.dumps(nested(200_000)),
    lambda: ast.literal_eval("-" * 100_000 + "1"),
    lambda: compile("(" * 100_000, "x", "exec"),
    lambda: compile("a" + ".a" * 50_000, "x", "exec"),
    lambda: re.compile("(" * 20_000 + ")" * 20_000),
    lambda: re.match("(?:a|b)*?c", "ab" * 500_000),
    lambda: repr(nested(200_000)),
    lambda: copy.deepcopy(nested(200_000)),
    lambda: pickle.dumps(nested(200_000)),
    lambda: nested(200_000) == nested(200_000),
)


def main():
    words = set()
    for attempt in ATTEMPTS:
        def one():
            try:
                attempt()
                return "none"
            except Exception as e:
                return type(e).__name__
        said = in_child(one, 15)
        words.add(signal.Signals(int(said[6:])).name if said.startswith("died: ") else said)
    return "held: " + " ".join(sorted(words))
