# tries: names that are paths elsewhere on Windows: drives, streams of a file, devices below a server's name
# request: {"collect": ["**"]}
# expect: status ok|exception|output_limit, not paths contains ":", not paths contains "\\"
def main():
    for path in ("C:/Users/Public/x.py", "d:evil.txt", "report.txt:hidden", "file::$DATA", "\\\\server\\share", "\\\\?\\C:\\x", "c:", "a\\..\\..\\b"):
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "w").close()
    return "made"
