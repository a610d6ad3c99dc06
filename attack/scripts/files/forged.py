# tries: to send files as the worker does, with paths that lead out of the client's directory
# expect: status killed, signal SIGKILL, error ProtocolError, files none
# request: {"collect": ["*"]}
def main():
    channel(frame(11, b'{"path":"../../.ssh/authorized_keys"}\nssh-rsa AAAA'))
    channel(answer(b"1"))
    time.sleep(5)
