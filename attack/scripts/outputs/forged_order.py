# tries: outputs after a file, in the middle of another frame, and after the result, where nobody reads them
# request: {"display": true, "collect": ["*"]}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(11, b'{"path":"a"}\nx'), frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx'))
    time.sleep(5)


# --- then
# request: {"display": true}
# limits: wall_ms=10000
# expect: status ok, result 1, outputs none
def main():
    channel(answer(b"1"), *[frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx')] * 500)
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    os.write(3, frame(13, b'{"kind":"display"', size=1000))
    for n in range(100):
        display("x" * 100)
    time.sleep(5)
