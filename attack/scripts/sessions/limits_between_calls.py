# tries: to lower and use up in one call what the next one needs: descriptors, processes, disk, signals, its working directory
# session: what a call leaves, the next one finds
# expect: status ok
def main():
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")
    global held
    held = []
    try:
        while True:
            held.append(os.open("/dev/null", 0))
    except OSError:
        pass
    return "left"


# --- then
# expect: status ok|exception
# expect: status exited|killed
# request: {"stdin": "x"}
def main():
    return "came back"
