# tries: to leave one end of a pipe or socket in what the next cell has: its channel, its output and its input
# expect: status ok|killed|exited
import array
import socket


def main():
    channel = socket.socket(fileno=os.dup(3))
    held = [os.pipe() for _ in range(20)]
    for r, w in held:
        try:
            channel.sendmsg([b"\0"], [(1, 1, array.array("i", [r, w]))], socket.MSG_DONTWAIT)
        except OSError:
            break
    os._exit(0)


# --- then
# expect: result []
def main():
    kinds = []
    for fd in range(4, 256):
        try:
            os.fstat(fd)
            kinds.append(fd)
        except OSError:
            pass
    return kinds
