# tries: to load a socket filter with bits above the 32nd in the level and the option, which the kernel drops
# expect: held ENOPROTOOPT|ENOTSUP|EOPNOTSUPP|EPERM|EINVAL
import socket
import struct


def main():
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFFFFFF))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1, ctypes.addressof(code)))
    a, b = socket.socketpair()
    return refused({
        "of the level": ["setsockopt", a.fileno(), 1 << 32 | 1, 26, program, 16],
        "of the option": ["setsockopt", a.fileno(), 1, 1 << 32 | 26, program, 16],
        "of both": ["setsockopt", a.fileno(), 7 << 32 | 1, 5 << 40 | 26, program, 16],
        "of the descriptor": ["setsockopt", 1 << 32 | b.fileno(), 1, 26, program, 16],
    })
