# tries: to see which of the shared directories a sibling reads from, by fcntl's F_NOTIFY and a signal for each
# expect: held EPERM|EINVAL|NOTHING
import signal


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {40, 29})
    import wsgiref
    words = set()
    for folder in (os.path.dirname(wsgiref.__file__), "/usr/bin", "/usr/lib", os.path.dirname(os.__file__)):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        call("fcntl", fd, 10, 40)
        words.add(call("fcntl", fd, 1026, 1 - (1 << 31))[1])
    if None not in words:
        return "held: " + " ".join(sorted(words))
    seen = signal.sigtimedwait({40, 29}, 1.1)
    return f"ESCAPED: a sibling read, {seen}" if seen else "held: NOTHING"


# --- beside
# expect: result "read"
def main():
    import wsgiref.handlers
    os.listdir("/usr/bin")
    return "read"
