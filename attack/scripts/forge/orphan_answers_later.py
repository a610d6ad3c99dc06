# tries: to leave a grandchild that answers after the end, into whatever comes next on the channel
# expect: status ok, result "now", stdout ""
def main():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(0.3)
            for fd in range(3, 8):
                try:
                    os.write(fd, answer(b'"later"'))
                    os.write(1, b"ESCAPED: it lives on")
                except OSError:
                    pass
        os._exit(0)
    os.wait()
    return "now"
# --- then
# expect: status ok, result "next", stdout ""
def main():
    time.sleep(0.5)
    return "next"
