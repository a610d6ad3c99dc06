# tries: to watch a whole file system with fanotify, which an ordinary user may in part
# expect: held EPERM|ENOSYS
def main():
    return refused({"with file ids": ["fanotify_init", 0x200, 0], "content": ["fanotify_init", 4, 0], "unlimited": ["fanotify_init", 0x30, 0]})
