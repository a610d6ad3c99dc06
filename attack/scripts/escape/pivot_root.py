# tries: to swap the root for a directory of its own
# expect: held EPERM
def main():
    os.makedirs("new/old")
    return refused({"new": ["pivot_root", b"new", b"new/old"], "itself": ["pivot_root", b".", b"."]})
