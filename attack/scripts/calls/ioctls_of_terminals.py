# tries: ioctls of terminals that take, lock, watch or hang up one, or load code for its line, on all that it has open
# expect: held ENOTTY|EPERM|EBADF
def main():
    buffer = (ctypes.c_int * 64)(1)
    requests = {"TIOCEXCL": 0x540C, "TIOCSTI": 0x5412, "TIOCLINUX": 0x541C, "TIOCCONS": 0x541D, "TIOCPKT": 0x5420, "TIOCSETD": 0x5423,
                "TIOCGETD": 0x5424, "TIOCGPTN": 0x80045430, "TIOCSPTLCK": 0x40045431, "TIOCGDEV": 0x80045432, "TIOCSIG": 0x40045436,
                "TIOCVHANGUP": 0x5437, "TIOCGPTPEER": 0x5441, "TCSETX": 0x5433, "TIOCSRS485": 0x542F, "TIOCSSERIAL": 0x541F, "KDSETMODE": 0x4B3A}
    return refused({f"{name} on {fd}": ["ioctl", fd, request, ctypes.byref(buffer)] for name, request in requests.items() for fd in (0, 1, 2, 3)})
