# tries: to use up inotify for everybody: the kernel counts it for the owner of the cells' user namespace, too
# expect: held EPERM|ENOSYS|EMFILE
def main():
    while True:
        _, error = call("inotify_init1", 0)
        if error:
            break
    time.sleep(1.1)
    return f"held: {error}"


# --- beside
# expect: held
def main():
    fd, error = call("inotify_init1", 0)
    return "ESCAPED: there are none left" if error == "EMFILE" else f"held: {error or 'one'}"
