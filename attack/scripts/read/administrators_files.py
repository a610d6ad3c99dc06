# tries: to read what the administrator of the host has installed or keeps beside the system: /usr/local, /usr/src, /opt, /srv
# expect: held ENOENT|EACCES|ENOTDIR
def main():
    def files(path):
        if found := [name for _, _, names in os.walk(path) for name in names]:
            return found[:5]
        raise FileNotFoundError(errno.ENOENT, path)  # a root of its own may have Debian's empty directories

    attempts = {path: lambda path=path: files(path) for path in (
        "/usr/local/bin", "/usr/local/sbin", "/usr/local/etc", "/usr/local/share", "/usr/local/src", "/usr/local/games", "/usr/src",
        "/usr/games", "/opt", "/srv", "/media", "/usr/include", "/usr/share/doc")
        if not sys.executable.startswith(path) and not os.path.realpath(sys.executable).startswith(path)}
    return refused(attempts)
