# tries: close_range with the flag that unshares the table of descriptors, an unshare by another name
# expect: held EINVAL|EPERM|ENOSYS
def main():
    return refused({"unshare": ["close_range", 1000, 1001, 2], "with close on exec": ["close_range", 1000, 1001, 6],
                    "a flag that is none": ["close_range", 1000, 1001, 8], "backwards": ["close_range", 1001, 1000, 0]})
