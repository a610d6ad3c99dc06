# tries: to find the host behind what stands in its places: accounts, homes, mounts, the kernel's figures; and to change these
# expect: held EROFS|EACCES|EPERM
# expect: held ENOENT
def main():
    for path in ("/etc/passwd", "/etc/group"):
        if os.path.exists(path):
            with open(path) as file:
                if odd := {line.split(":")[0] for line in file} - {"root", "cell", "nobody", "nogroup"}:
                    return f"ESCAPED: {path} names {odd}"
    for path, known in (("/home", {"user"}), ("/mnt", {"data"})):
        if os.path.isdir(path) and (odd := set(os.listdir(path)) - known):
            return f"ESCAPED: {path} has {odd}"
    written = {}
    for top in ("/proc", "/sys"):
        for folder, folders, names in os.walk(top):
            if odd := [name for name in folders if name.isdigit() or os.path.islink(f"{folder}/{name}")]:
                return f"ESCAPED: {folder} has {odd}"
            written[folder] = lambda folder=folder: os.mkdir(f"{folder}/new")
            for name in names:
                path = f"{folder}/{name}"
                if os.path.islink(path):
                    if not os.readlink(path).startswith("/box/"):
                        return f"ESCAPED: {path} leads to {os.readlink(path)}"
                    written[path] = lambda path=path: os.unlink(path)
                    continue
                with open(path, "rb") as file:  # what the kernel writes as it is read has no size, or that of a page
                    if os.fstat(file.fileno()).st_size != len(file.read()):
                        return f"ESCAPED: {path} is no ordinary file"
                written[path] = lambda path=path: os.open(path, os.O_WRONLY)
    return refused(written or {"/proc": lambda: os.listdir("/proc")})
