# tries: to shut the channel down in one direction, in the other, and to return
# expect: status ok, result "one way"
# limits: wall_ms=10000
import socket


def main():
    try:
        socket.socket(fileno=os.dup(3)).shutdown(socket.SHUT_RD)
    except OSError:
        pass
    return "one way"
# --- then
# expect: status exited|killed, result null
# expect: error NoChannel
# limits: wall_ms=10000
import socket


def main():
    channel()
    socket.socket(fileno=os.dup(3)).shutdown(socket.SHUT_WR)
    return "the other"
