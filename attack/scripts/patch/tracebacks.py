# tries: to give a false account of its exception: traceback, linecache and their caches replaced
# expect: status exception, error ValueError, message "the truth", line 20, not traceback contains "a lie"
import linecache
import traceback


def lie(*a, **k):
    return ["a lie"]


def main():
    for name in dir(traceback):
        if name.startswith(("format", "print", "extract")):
            setattr(traceback, name, lie)
    linecache.getline = linecache.getlines = linecache.updatecache = lie
    linecache.cache.clear()
    sys.tracebacklimit = -5
    sys.excepthook = lie
    # the next line is told
    raise ValueError("the truth")
