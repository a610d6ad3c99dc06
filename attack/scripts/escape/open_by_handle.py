# tries: to open the host's root by a made-up file handle (shocker)
# expect: held EPERM
# expect: held EPERM|EBADF
class Handle(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_uint32), ("type", ctypes.c_int), ("handle", ctypes.c_ubyte * 128)]


def main():
    own, mount = Handle(128), ctypes.c_int()
    made = Handle(8, 1)
    made.handle[0] = 2  # the root's inode on ext4
    attempts = {
        "name of its own directory": ["name_to_handle_at", -100, b".", ctypes.byref(own), ctypes.byref(mount), 0],
        "name of the root": ["name_to_handle_at", -100, b"/", ctypes.byref(own), ctypes.byref(mount), 0],
    }
    for place in ("/", "/usr", "/dev/null", "."):
        fd = os.open(place, os.O_RDONLY)
        attempts[f"inode 2 at {place}"] = ["open_by_handle_at", fd, ctypes.byref(made), os.O_RDONLY]
    return refused(attempts)
