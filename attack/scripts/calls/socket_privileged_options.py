# tries: the options by which a socket gets more than others: forced buffers, marks, priorities, busy polling, reserved memory
# expect: held ENOPROTOOPT|EPERM
import socket


def main():
    a, b = socket.socketpair()
    number = (ctypes.c_int * 8)(1 << 20)
    options = {"SO_DEBUG": 1, "SO_PRIORITY": 12, "SO_BINDTODEVICE": 25, "SO_SNDBUFFORCE": 32, "SO_RCVBUFFORCE": 33, "SO_MARK": 36,
               "SO_BUSY_POLL": 46, "SO_MAX_PACING_RATE": 47, "SO_ZEROCOPY": 60, "SO_TXTIME": 61, "SO_BINDTOIFINDEX": 62,
               "SO_PREFER_BUSY_POLL": 69, "SO_BUSY_POLL_BUDGET": 70, "SO_RESERVE_MEM": 73, "SO_TXREHASH": 74, "SO_CNX_ADVICE": 53}
    return refused({name: ["setsockopt", a.fileno(), 1, option, ctypes.byref(number), 4] for name, option in options.items()})
