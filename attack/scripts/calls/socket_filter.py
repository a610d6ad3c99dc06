# tries: to load a socket filter, whose compiled form takes memory from a single budget of the whole machine (net.core.bpf_jit_limit)
# expect: held ENOPROTOOPT|EPERM
import socket
import struct


def main():
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFFFFFF))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(code)))
    number = ctypes.c_int(0)
    pair = socket.socketpair()
    attempts = {}
    for fd in (pair[0].fileno(), pair[1].fileno(), 3):
        attempts |= {f"{name} on {fd}": ["setsockopt", fd, 1, option, argument, size] for name, option, argument, size in (
            ("SO_ATTACH_FILTER", 26, program, 16), ("SO_ATTACH_BPF", 50, ctypes.byref(number), 4),
            ("SO_ATTACH_REUSEPORT_CBPF", 51, program, 16), ("SO_ATTACH_REUSEPORT_EBPF", 52, ctypes.byref(number), 4),
            ("SO_LOCK_FILTER", 44, ctypes.byref(number), 4), ("SO_DETACH_FILTER", 27, ctypes.byref(number), 4),
            ("SO_DETACH_REUSEPORT_BPF", 68, ctypes.byref(number), 4))}
    return refused(attempts)
