# tries: to hang the collector by a FIFO, a socket, a directory that has a file's name, and a file that nobody may read
# expect: status ok, result "made", files none
# expect: status exception, error PermissionError
# request: {"collect": ["*"]}
# within: 8000
import socket


def main():
    os.mkfifo("fifo.txt")
    os.mkdir("dir.txt")
    for name in ("one", "two"):
        try:
            os.mknod(name, 0o600 | 0o140000)
        except OSError:
            pass
    open("secret", "w").close()
    os.chmod("secret", 0)
    return "made"
