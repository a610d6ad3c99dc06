# tries: to find in its memory, its files and its environment what it should print
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "1", "expected_stdout": "the-text-that-wins-1"}, {"stdin": "2", "expected_stdout": "the-text-that-wins-2"}]}
# told: answer.stdout
# expect: http 200, body contains "\"wrong_answer\":2,", stdout "held\nheld\n"
import gc
import os
import sys

NEEDLE = b"-".join([b"the", b"text", b"that", b"wins"])  # nowhere as a whole, unless it was sent along


def memory():
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as mem:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(n, 16) for n in span.split("-"))
            if "r" not in rights or end - start > 1 << 26:
                continue
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except (OSError, OverflowError, ValueError):
                pass


mine = bytes(NEEDLE)
try:
    places = sum(chunk.count(mine + b"-") for chunk in memory())
except OSError:
    places = 0
texts = [o for o in gc.get_objects() if isinstance(o, (str, bytes)) and str(o).count(mine.decode() + "-")]
files = []
for top, _, names in os.walk("."):
    files += [n for n in names if mine in open(os.path.join(top, n), "rb").read()]
known = [v for v in list(os.environ.values()) + sys.argv if mine.decode() in v]
print("ESCAPED: it is known", places, texts, files, known) if texts or files or known or places > 2 else print("held")
