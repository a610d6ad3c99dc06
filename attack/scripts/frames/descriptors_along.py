# tries: to send 200 descriptors along with its answer, to be kept by whoever reads it
# expect: status ok, result "with them"
# expect: error NoChannel|OSError
# limits: wall_ms=10000
import array
import socket


def main():
    channel()
    fds = [os.memfd_create("left") for _ in range(200)]
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
    socket.socket(fileno=os.dup(3)).sendmsg([answer(b'"with them"')], rights)
    time.sleep(30)
