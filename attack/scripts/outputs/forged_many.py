# tries: to send more outputs, and more bytes of them, than a request may show, and to announce gigabytes
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    for n in range(200):
        channel(frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx'))
    channel(answer(b"1"))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    for n in range(9):
        channel(frame(13, b'{"kind":"display","parts":{"image/png":1000000}}\n' + b"x" * 1000000))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b"", size=0xFFFFFFFF))
    time.sleep(5)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx'))
    time.sleep(5)
