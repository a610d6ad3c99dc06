# tries: to have or to get a capability: permitted, ambient, by capset, through a child's execve
# expect: held EPERM
import subprocess


def sets():
    data = (ctypes.c_uint32 * 6)()
    value, error = call("capget", ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref(data))
    assert value == 0, error
    return list(data)


def main():
    bounding = [n for n in range(41) if call("prctl", 23, n, 0, 0, 0)[0] == 1]
    if any(sets()) or bounding:
        return f"ESCAPED: capabilities {sets()}, bounding {bounding}"
    full = (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    code = "import ctypes; d = (ctypes.c_uint32 * 6)(); ctypes.CDLL(None).capget(ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), d); print(list(d))"
    child = subprocess.run([sys.executable, "-Ic", code], capture_output=True, text=True)
    if child.stdout.strip() != "[0, 0, 0, 0, 0, 0]":
        return f"a child says {child}"
    return attempt("capset", ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), ctypes.byref(full))
