# tries: to move where a sibling reads or writes next, in what both were given
# expect: result "moved"
def main():
    for fd in (0, 1, 2, 3):
        for _ in range(3):
            try:
                os.lseek(fd, 100, os.SEEK_CUR)
            except OSError:
                pass
    time.sleep(1)
    return "moved"


# --- beside
# expect: result [0, "ESPIPE", "ESPIPE", "ESPIPE"]
# expect: result [0, 0, 0, "ESPIPE"]
def main():
    places = []
    for fd in (0, 1, 2, 3):
        try:
            places.append(os.lseek(fd, 0, os.SEEK_CUR))
        except OSError as e:
            places.append(name_of(e.errno))
    return places
