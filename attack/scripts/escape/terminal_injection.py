# tries: to type into a terminal that its descriptors may lead to (TIOCSTI, TIOCLINUX), also with high bits in the request
# expect: held ENOTTY|EPERM|EBADF
def main():
    attempts = {}
    byte = ctypes.create_string_buffer(b"x")
    for fd in (0, 1, 2, 3):
        for request in (0x5412, 0x541C, 0x5412 | 1 << 32, 0x541C | 1 << 63 - 1, 0x5430, 0x5441):
            attempts[f"{request:x} on {fd}"] = ["ioctl", fd, request, ctypes.byref(byte)]
    return refused(attempts)
