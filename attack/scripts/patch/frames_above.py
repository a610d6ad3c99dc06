# tries: to empty the globals of every frame above its own, including the zygote's
# expect: status ok|exception|exited|killed
# limits: wall_ms=10000
def main():
    frame = sys._getframe(1)
    while frame:
        for name in list(frame.f_globals):
            if callable(frame.f_globals[name]):
                frame.f_globals[name] = lambda *a, **k: 1 / 0
        frame = frame.f_back
    return 1
