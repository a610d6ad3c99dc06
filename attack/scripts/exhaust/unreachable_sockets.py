# tries: to leave cycles of sockets that refer to each other, which the kernel's collector must find, possibly in others' time
# expect: held
import array
import socket


def main():
    made = 0
    for _ in range(100):
        a, b = socket.socketpair()
        try:
            a.sendmsg([b"x"], [(1, 1, array.array("i", [a.fileno(), b.fileno()]))])
            b.sendmsg([b"x"], [(1, 1, array.array("i", [a.fileno(), b.fileno()]))])
        except OSError:
            break
        made += 1
        a.close()
        b.close()
    return f"held: {made}"


# --- then
# expect: result "sent"
# within: 8000


def main():  # where cells share one uid, the collector may not have come to the circles yet
    return "sent" if all(poll(send_descriptor) for _ in range(20)) else "ESCAPED: what nobody holds counts for ever"
