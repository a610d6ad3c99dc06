# tries: to create a file, a directory and a link in every directory that it can find outside its disk
# expect: held EROFS|EACCES|EPERM|ENOENT
def main():
    seen = []
    for top, directories, _ in os.walk("/"):
        directories[:] = [d for d in directories if os.path.join(top, d) not in ("/box", "/proc", "/sys")]
        seen.append(top)
        if len(seen) > 800:
            break
    attempts = {}
    for d in seen:
        if os.stat(d).st_dev != os.stat(".").st_dev:
            attempts[f"file in {d}"] = lambda d=d: os.open(d + "/attack", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            attempts[f"directory in {d}"] = lambda d=d: os.mkdir(d + "/attack")
            attempts[f"link in {d}"] = lambda d=d: os.symlink("x", d + "/attack")
    return refused(attempts) if len(attempts) > 30 else f"only {len(attempts)} directories"
