# tries: to leave, between calls, links, directories and modes that redirect the next call's files
# session: the second call stores files where the first has been
# expect: status ok
def main():
    os.symlink("/usr/bin/env", "in.txt")
    os.symlink("/dev/shm", "dir")
    os.mkdir("x")
    os.chmod("x", 0)
    return "left"


# --- then
# request: {"files": {"in.txt": {"text": "x"}}}
# expect: status ok|exception
# expect: refused invalid_request
def main():
    return os.path.islink("in.txt")
