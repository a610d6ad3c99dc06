# tries: to load a kernel module from memory and from a file, and to remove one
# expect: held EPERM|ENOSYS
def main():
    fd = os.memfd_create("m")
    os.write(fd, b"\x7fELF" + bytes(60))
    return refused({
        "init": ["init_module", b"\x7fELF" + bytes(60), 64, b""],
        "finit": ["finit_module", fd, b"", 0],
        "delete": ["delete_module", b"hotcell_attack_no_such_module", os.O_NONBLOCK],
        "uselib": ["uselib", b"/usr/lib/x"],
    })
