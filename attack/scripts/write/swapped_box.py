# tries: to replace its working directory, /tmp and /dev/shm by links to the system, for the next cell
# expect: held EROFS|EACCES|EPERM|ENOENT
def main():
    box = os.path.dirname(os.getcwd())
    os.chdir("/")
    for name in os.listdir(box):
        try:
            os.rename(f"{box}/{name}", f"{box}/{name}.old")
            os.symlink("/usr/lib", f"{box}/{name}")
        except OSError:
            pass
    return refused({name: lambda n=name: os.open(f"{n}/attack", os.O_CREAT | os.O_WRONLY) for name in [f"{box}/{n}" for n in os.listdir(box) if not n.endswith(".old")]} | {
        "usr": lambda: os.open("/usr/lib/attack", os.O_CREAT | os.O_WRONLY)})
# --- then
# expect: held EMPTY
def main():
    for place in (os.getcwd(), "/tmp", "/dev/shm"):
        if os.path.isdir(place) and os.listdir(place):
            return f"ESCAPED: {place} has {os.listdir(place)[:5]}"
    return "held: EMPTY"
