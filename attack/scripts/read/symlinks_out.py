# tries: to leave by symbolic links, by openat2 without restraint, by more ".." than there are directories
# expect: held ENOENT|ENOTDIR|EACCES|ELOOP
def main():
    up = "../" * 40
    os.symlink(up + "etc/shadow", "shadow")
    os.symlink("/root", "home")
    os.symlink("loop", "loop")
    os.mkdir("d")
    os.symlink(up + "root/.ssh", "d/ssh")

    def openat2(path):
        how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)
        return call("openat2", -100, path.encode(), ctypes.byref(how), 24)

    attempts = {path: lambda path=path: os.open(path, os.O_RDONLY) for path in ("shadow", "home", "loop", "d/ssh", up + "root", "/.." * 40 + "/root", up + "var/log")}
    result = refused(attempts | {f"openat2 {path}": lambda path=path: openat2(path) for path in ("shadow", "home", "d/ssh")})
    return result.replace("ENOSYS", "ENOENT").replace("EPERM", "EACCES")
