# tries: to keep the answer from ending: children of its own hold its output open by its names, at both ends
# expect: status ok, result "returned", stdout contains "printed"
def main():
    os.chmod("/dev/stdout", 0o600)
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY):
        if os.fork() == 0:
            os.setsid()
            os.open("/dev/stdout", flags)
            os.open("/dev/stderr", os.O_WRONLY)
            time.sleep(60)
    print("printed")
    return "returned"
