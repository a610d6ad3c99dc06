# tries: to hold the next call for ever: it answers for itself and reads nothing, and the next job fills the channel
# session: the second call meets the first, which has not ended
# expect: status ok, result null
# expect: error NoChannel
import signal


def main():
    os.fstat(3)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel(frame(9, b'{"status":"ok"}\nnull'))
    while True:
        time.sleep(60)


# --- then
# raw: its length counts, with the line that follows: as much as the channel takes
# replace: @FILL@ "x" 106500
# limits: wall_ms=500
# within: 8000
# expect: status timeout, limit wall, result null
# expect: status ok
def main():
    return len("@FILL@") and None
