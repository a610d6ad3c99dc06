# tries: to take mounts away and see what lies below them
# expect: held EPERM
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8


def main():
    places = ("/", "/box", "/usr", "/dev", "/tmp", os.getcwd())
    return refused({place: ["umount2", place.encode(), MNT_DETACH | UMOUNT_NOFOLLOW] for place in places})
