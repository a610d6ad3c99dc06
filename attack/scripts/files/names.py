# tries: names that are not text, that contain line breaks, or that a client could take for a path elsewhere
# expect: status ok, files 6
# request: {"collect": ["**"]}
def main():
    for name in (b"\xff\xfe", b"a\nb", b"..\\..\\boot.ini", b"\x1b[2J", "\u202egpj.exe".encode(), b"...."):
        open(name, "w").close()
    return "made"
