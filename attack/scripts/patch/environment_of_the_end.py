# tries: to change what the worker's last calls depend on: locale, codecs, warnings as errors, default encodings
# expect: status ok|exception|exited|killed
import codecs
import warnings


def main():
    warnings.filterwarnings("error")
    for name in ("utf-8", "utf_8", "ascii", "strict", "backslashreplace", "surrogateescape"):
        try:
            codecs.register_error(name, lambda e: ("", 1 << 60))
        except Exception:
            pass
    codecs.register(lambda name: None)
    codecs.lookup = codecs.encode = codecs.decode = None
    os.environ.clear()
    os.environb.clear()
    return {"\ud800": "\ud800"}
