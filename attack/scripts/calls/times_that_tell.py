# tries: to see by access times which shared files a sibling reads
# expect: held UNCHANGED
def watched():
    # the host itself reads none of these; /usr/bin it may, at any time
    places = [os.path.join(os.path.dirname(os.__file__), name) for name in ("wsgiref", "wsgiref/validate.py", "wsgiref/headers.py", "this.py", "antigravity.py")]
    return [os.stat(place).st_atime_ns for place in places]


def main():
    before = watched()
    time.sleep(1.2)
    return "held: UNCHANGED" if watched() == before else "ESCAPED: a sibling has read"


# --- beside
# expect: result "read"
def main():
    folder = os.path.dirname(os.__file__)
    for name in ("wsgiref/validate.py", "wsgiref/headers.py", "this.py", "antigravity.py"):
        with open(os.path.join(folder, name)) as file:
            file.read()
    os.listdir(os.path.join(folder, "wsgiref"))
    return "read"
