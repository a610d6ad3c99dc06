# tries: to have the service lose, or take from elsewhere, what it prints: removes, replaces and hides the names of its output
# expect: result "answered", stdout "printed\n", stderr "said\n"
import shutil


def main():
    os.unlink("/box/etc/stdout")
    os.symlink("/etc/passwd", "/box/etc/stdout")
    os.rename("/box/etc/stderr", "/box/etc/other")
    os.mkfifo("/box/etc/stderr")
    shutil.rmtree("/box/etc")
    os.symlink("/usr", "/box/etc")
    print("printed")
    print("said", file=sys.stderr)
    return "answered"


# --- then
# expect: result "answered", stdout "printed\n", stderr ""
def main():
    print("printed")
    return "answered"
