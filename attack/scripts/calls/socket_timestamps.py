# tries: packet timestamps, which enable machine-wide code (a static key) while anyone uses them
# expect: held ENOPROTOOPT|EPERM
import socket


def main():
    a, b = socket.socketpair()
    flags = (ctypes.c_int * 4)(0x3F)
    return refused({name: ["setsockopt", a.fileno(), 1, option, ctypes.byref(flags), 4] for name, option in (
        ("SO_TIMESTAMP", 29), ("SO_TIMESTAMPNS", 35), ("SO_TIMESTAMPING", 37), ("SO_TIMESTAMP_NEW", 63), ("SO_TIMESTAMPNS_NEW", 64),
        ("SO_TIMESTAMPING_NEW", 65), ("SO_RXQ_OVFL", 40), ("SO_WIFI_STATUS", 41), ("SO_SELECT_ERR_QUEUE", 45))})
