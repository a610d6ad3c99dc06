# tries: to show something between two calls, for the next one, which shows nothing, to find; and answers to questions that nobody asked
# session: a thread sends between calls
# expect: status ok, result null, outputs none
# expect: error NoChannel
import threading


def main():
    os.fstat(3)

    def late():
        time.sleep(0.3)
        channel(*[frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx')] * 3)

    threading.Thread(target=late).start()


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null, outputs none
# expect: status ok
def main():
    time.sleep(0.6)


# --- then
# expect: refused gone
# expect: status ok
def main():
    pass
