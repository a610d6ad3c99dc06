# tries: to fill the machine's budget for compiled filters, so that no cell and no program of the host's can load one
# machine: net.core.bpf_jit_limit is one for the whole machine; it stops after a hundred filters
# expect: held ENOPROTOOPT|EPERM
import socket
import struct


def main():
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x94, 0, 0, 0x7FFFFFFF) * 1000 + struct.pack("HBBI", 0x06, 0, 0, 0xFFFFFFFF))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 1001, ctypes.addressof(code)))
    held = []
    for n in range(50):
        held.append(socket.socketpair())
        for end in held[-1]:
            try:
                end.setsockopt(socket.SOL_SOCKET, 26, program.raw[:16])
            except OSError as e:
                return f"held: {name_of(e.errno)}" if n == 0 else f"ESCAPED: {n} filters were loaded"
    return "ESCAPED: a hundred filters were loaded"
