# tries: files whose flush raises, never returns, or is another function, and a collector of its own, when its files are to come back
# expect: status ok, files 1
# expect: status timeout
# request: {"collect": ["*.txt"]}
# limits: wall_ms=1500
import gc, io


class Raw(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        while True:
            time.sleep(1)


slow = io.BufferedWriter(Raw())
slow.write(b"x")
kept = open("a.txt", "w")
kept.write("x")


def main():
    gc.disable()
# --- then
# expect: status ok, files 1
# request: {"collect": ["*.txt"]}
# limits: wall_ms=10000
import gc, io


class Raises:
    def __del__(self):
        raise SystemExit(3)


gc.callbacks.append(lambda *a: 1 / 0)
gc.get_objects = gc.collect = lambda *a: os._exit(3)
kept = open("a.txt", "w")
kept.write("x")
kept.buffer.flush = lambda: os._exit(4) if 0 else None
raises = Raises()


def main():
    gc.set_debug(gc.DEBUG_SAVEALL)
# --- then
# expect: status ok, files 2
# request: {"mode": "program", "collect": ["*.txt"]}
# limits: wall_ms=10000
import gc, zipfile, gzip
held = open("a.txt", "w")
held.write("x")
zipfile.ZipFile.close = gzip.GzipFile.close = lambda self: sys.exit(5)
archive = zipfile.ZipFile("b.txt", "w")
archive.writestr("in", "x")
gc.freeze()
# --- then
# expect: status ok|exception, files 1
# expect: status timeout, limit wall|cpu
# request: {"mode": "program", "collect": ["*.txt"]}
# limits: wall_ms=1500
import signal
signal.signal(signal.SIGALRM, lambda *a: 1 / 0)
kept = open("a.txt", "w")
kept.write("x")
import atexit
atexit.register(lambda: signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6) and None)
# --- then
# expect: status ok, files none
# request: {"collect": ["*.txt"]}
# limits: wall_ms=10000
full = open("/dev/full", "w")
full.write("x")
gone = open("gone", "w")
gone.write("x")
os.close(gone.fileno())
read, write = os.pipe()
pipe = os.fdopen(write, "w")
pipe.write("x" * 4000)


def main():
    pass
