# tries: to see what a sibling writes, while it does, in every place and by every name
# expect: result "wrote"
def main():
    for place in (".", "/tmp", "/box", "/dev/shm"):
        with open(f"{place}/secret", "w") as file:
            file.write("a sibling's")
    os.memfd_create("secret")
    time.sleep(1)
    return "wrote"


# --- beside
# expect: held ENOENT|EPERM|EACCES
def main():
    for top in ("/box", "/tmp/", "/dev", "/dev/shm/", ".."):
        for folder, folders, files in os.walk(top):
            if "secret" in files:
                return f"ESCAPED: {folder}/secret"
    return refused({path: lambda path=path: os.listdir(path) for path in (
        "/proc/1", "/proc/1/root", "/proc/self/fd", "/sys/kernel", "/run", "/box/../box/secret", "/dev/fd/3", "/dev/mqueue", "/dev/pts")})
