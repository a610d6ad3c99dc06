# tries: to leave its memory cgroup behind by memory that others hold: descriptors of memfds that it sent to its channel
# cgroup: memory that somebody else's descriptor keeps alive stays charged to the cgroup of who made it
# expect: status ok|killed|exited
import array
import socket


def main():
    channel = socket.socket(fileno=os.dup(3))
    for _ in range(20):
        fd = os.memfd_create("x")
        os.write(fd, b"x" * 65536)
        try:
            channel.sendmsg([b""], [(1, 1, array.array("i", [fd]))], socket.MSG_DONTWAIT)
        except OSError:
            break
    return "sent"
