# tries: fcntl's F_NOTIFY, the predecessor of inotify, on its own and on shared directories, for each event
# expect: held EPERM|EINVAL|EBADF
def main():
    attempts = {}
    for place in (".", "/", "/usr", "/usr/lib", "/dev", "/tmp"):
        fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        for event in (1, 2, 4, 8, 16, 32, 1 - (1 << 31), 0x3F):
            attempts[f"{place} {event}"] = ["fcntl", fd, 1026, event]
        attempts[f"{place}, high bits"] = ["fcntl", fd, 1 << 32 | 1026, 1]
    return refused(attempts)
