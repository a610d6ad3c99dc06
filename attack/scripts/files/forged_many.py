# tries: to send more files, and more bytes of them, than a request may collect
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# request: {"collect": ["*"]}
def main():
    for n in range(2000):
        channel(frame(11, b'{"path":"f%d"}\n' % n + b"x" * 10000))
    channel(answer(b"1"))
    time.sleep(5)
