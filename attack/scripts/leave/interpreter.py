# tries: to leave the interpreter itself changed: builtins, modules, small integers, interned strings, paths, encodings
# expect: status ok|killed|exception
import builtins
import codecs
import decimal
import json
import locale
import warnings


def main():
    builtins.left = json.left = sys.left = "left"
    builtins.sorted = lambda *_: "left"
    json.dumps = lambda *_: "left"
    os.environ["LEFT"] = "left"
    LIBC.setenv(b"LEFT_IN_C", b"left", 1)
    sys.modules["left"] = json
    sys.path.insert(0, "/tmp/left")
    sys.setrecursionlimit(77)
    sys.setswitchinterval(1)
    decimal.getcontext().prec = 3
    decimal.DefaultContext.prec = 3
    codecs.register(lambda name: codecs.lookup("ascii") if name == "left" else None)
    codecs.register_error("strict", lambda e: ("left", e.end))
    warnings.filterwarnings("error")
    locale.setlocale(locale.LC_ALL, "C")
    ctypes.c_long.from_address(id(77) + 24).value = 78  # 77 is one object in all of a process
    word = sys.intern("status")
    ctypes.memset(id(word) + sys.getsizeof("") - 1, ord("S"), 1)
    return "left"


# --- then
# expect: result [false, false, "[1]", null, null, true, [], 28, 77, "status", true]
import builtins
import codecs
import decimal
import json


def main():
    LIBC.getenv.restype = ctypes.c_char_p
    try:
        codecs.lookup("left")
        codec = False
    except LookupError:
        codec = True
    return [hasattr(builtins, "left") or hasattr(sys, "left"), hasattr(json, "left") or "left" in sys.modules, json.dumps(sorted([1])),
            os.environ.get("LEFT"), LIBC.getenv(b"LEFT_IN_C"), codec, [p for p in sys.path if "left" in p],
            decimal.getcontext().prec, 7 * 11, "".join(["sta", "tus"]), sys.getrecursionlimit() > 500 and sys.getswitchinterval() < 0.1]
