# tries: to read what a sibling prints, to write among it, and to take its names away
# expect: result "wrote", stdout "a sibling's\na sibling's\n", stderr ""
def main():
    for _ in range(2):
        with open("/dev/stdout", "w") as file:
            file.write("a sibling's\n")
        time.sleep(0.5)
    return "wrote"


# --- beside
# expect: result "held: EAGAIN", stdout ""
def main():
    os.chmod("/box/etc/stdout", 0o600)
    end = os.open("/dev/stdout", os.O_RDONLY | os.O_NONBLOCK)
    kinds = {}
    for top in ("/box", "/dev", "/tmp/", "/hotcell"):
        for folder, _, files in os.walk(top):
            kinds.update({f"{folder}/{name}": os.lstat(f"{folder}/{name}").st_mode >> 12 for name in files})
    pipes = sorted(path for path, kind in kinds.items() if kind == 1)
    if pipes != ["/box/etc/stderr", "/box/etc/stdout"]:
        return f"ESCAPED: {pipes}"
    refusal = "held: nothing"
    for _ in range(50):
        try:
            return f"ESCAPED: {os.read(end, 100)}"
        except OSError as error:
            refusal = f"held: {errno.errorcode[error.errno]}"
        time.sleep(0.01)
    os.unlink("/box/etc/stdout")
    os.mkfifo("/box/etc/stdout")
    return refusal
