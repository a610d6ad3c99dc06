# tries: to send READY again with descriptors, so that the supervisor mistakes one for the disk's
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
import array
import socket


def main():
    try:
        os.fstat(3)
    except OSError:
        raise NoChannel from None
    fd = os.open("/usr/bin/env", os.O_RDONLY)
    s = socket.socket(fileno=os.dup(3))
    for kind in (5, 6, 7, 8, 4, 3, 2, 1):
        try:
            s.sendmsg([frame(kind, b'{"steps_us":{}}')], [(1, 1, array.array("i", [fd, fd]))])
        except OSError:
            break
    time.sleep(30)
