# tries: to swap a file for a link while it is collected, again and again
# expect: status ok|output_limit|exception, not stdout contains "root:"
# request: {"collect": ["**"]}
def main():
    os.mkdir("d")
    open("d/f", "w").close()
    if os.fork() == 0:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            os.unlink("d/f")
            os.symlink("/etc/passwd", "d/f")
            os.unlink("d/f")
            open("d/f", "w").close()
        os._exit(0)
    return "made"
