# tries: to watch with inotify which of the shared files a sibling, or the host, opens: what it imports, and when
# expect: held EPERM|ENOSYS|EACCES|NOTHING
def main():
    watch, error = call("inotify_init1", 0o4000)  # not blocking
    if error:
        return f"held: {error}"
    import wsgiref
    own = os.path.dirname(wsgiref.__file__)
    folders = {own, "/usr/bin", "/bin", sys.prefix, *sys.path} - {""}
    words = {call("inotify_add_watch", watch, folder.encode(), 0x20)[1] for folder in folders}  # IN_OPEN
    time.sleep(1.1)
    try:
        seen = os.read(watch, 65536)
    except BlockingIOError:
        return "held: " + (" ".join(sorted(words - {None})) or "NOTHING")
    names, at = set(), 0
    while at < len(seen):
        size = int.from_bytes(seen[at + 12:at + 16], "little")
        names.add(seen[at + 16:at + 16 + size].rstrip(b"\0").decode())
        at += 16 + size
    return f"ESCAPED: a sibling opened {sorted(names)}"


# --- beside
# expect: result "imported"
def main():
    import wsgiref.handlers
    import wsgiref.validate
    os.listdir("/usr/bin")
    return "imported"
