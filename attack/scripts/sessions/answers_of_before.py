# tries: to have a thread of one call answer and print in the next one's place
# session: threads go on between calls
# expect: status ok
import threading


def main():
    def late():
        time.sleep(0.5)
        os.write(1, b"late\n")

    threading.Thread(target=late).start()
    return "first"


# --- then
# expect: result "second"
def main():
    time.sleep(0.8)
    return "second"
