# tries: to read what the administrator of the host has installed or keeps beside the system: /usr/local, /usr/src, /opt, /srv
# expect: held ENOENT|EACCES|ENOTDIR
def main():
    def entries(path):
        if found := os.listdir(path):
            return found
        raise FileNotFoundError(errno.ENOENT, path)

    attempts = {path: lambda path=path: entries(path) for path in (
        "/usr/local/bin", "/usr/local/sbin", "/usr/local/etc", "/usr/local/share", "/usr/local/src", "/usr/local/games", "/usr/src",
        "/usr/games", "/opt", "/srv", "/media", "/usr/include", "/usr/share/doc")
        if not sys.executable.startswith(path) and not os.path.realpath(sys.executable).startswith(path)}
    return refused(attempts)
