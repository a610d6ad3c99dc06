# tries: to hold up its end with all the connections that its memory has room for, each of which the kernel closes by itself
# limits: memory_bytes=268435456 wall_ms=2500 cpu_ms=20000
# expect: status timeout, limit wall
# expect: status memory_limit, limit memory
# expect: held EPERM
# within: 8000
import socket


def main():
    for child in range(12):
        try:
            if os.fork() == 0:
                break
        except OSError:
            break
    held = []
    while True:
        try:
            ear = socket.socket(socket.AF_UNIX)
            ear.bind("")
            ear.listen(128)
            held.append(ear)
            while True:
                mouth = socket.socket(socket.AF_UNIX)
                mouth.setblocking(False)
                mouth.connect(ear.getsockname())
                mouth.close()
        except PermissionError:
            return "held: EPERM"
        except OSError as e:
            if e.errno == errno.EMFILE:
                time.sleep(60)


# --- then
# expect: result 1
# within: 8000
def main():
    return 1
