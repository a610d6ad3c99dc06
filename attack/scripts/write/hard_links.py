# tries: to get files of the system by hard links and renames, by name and by descriptor
# expect: held EXDEV|EPERM|EROFS|EACCES|ENOENT|EINVAL
def main():
    program = os.open("/usr/bin/env", os.O_RDONLY)
    with open("own", "w") as file:
        file.write("x")
    attempts = {}
    for path in ("/usr/bin/env", "/etc/ld.so.cache", sys.executable, "/dev/null"):
        attempts[f"link {path}"] = lambda p=path: os.link(p, "linked")
        attempts[f"rename {path}"] = lambda p=path: os.rename(p, "renamed")
        attempts[f"put own over {path}"] = lambda p=path: os.rename("own", p)
    for directory in ("/", "/usr/bin", "/dev"):
        attempts[f"link own into {directory}"] = lambda d=directory: os.link("own", d + "/attack")
    attempts["link by descriptor"] = lambda: ((value := LIBC.linkat(program, b"", -100, b"linked", 0x1000)), name_of(ctypes.get_errno()) if value else None)
    return refused(attempts)
