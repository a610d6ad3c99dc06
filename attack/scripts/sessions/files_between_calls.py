# tries: to leave, between calls, what makes the next one's files go elsewhere: links, directories, modes, in its working directory
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
