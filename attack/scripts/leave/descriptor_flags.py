# tries: to leave flags, owners and signals in the descriptors that a cell is given: not blocking, appending, asynchronous
# expect: result "left"
def main():
    for fd in (0, 1, 2, 3):
        for command, value in ((4, 0o4000), (4, 0o6000), (8, os.getpid()), (10, 40), (1026, 1), (1035, 0), (1024, 0)):
            call("fcntl", fd, command, value)
    call("fcntl", 3, 4, 0)
    call("fcntl", 1, 4, 0o1)
    return "left"


# --- then
# expect: result [[0, 0], [0, 0], [0, 0], [0, 0]]
def main():
    return [[call("fcntl", fd, 3, 0)[0] & 0o26000, max(0, call("fcntl", fd, 9, 0)[0])] for fd in (0, 1, 2, 3)]
