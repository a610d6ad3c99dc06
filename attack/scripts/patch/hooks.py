# tries: every hook that an interpreter calls when something goes wrong or is shown
# expect: status exception, error ValueError, message "x", line 16, stdout "", stderr ""
import atexit
import threading


def hook(*a):
    os.write(1, b"hooked")
    os._exit(0)


def main():
    sys.excepthook = sys.unraisablehook = sys.displayhook = sys.breakpointhook = threading.excepthook = hook
    sys.__excepthook__ = sys.__displayhook__ = sys.__unraisablehook__ = hook
    atexit.register(hook)
    raise ValueError("x")
