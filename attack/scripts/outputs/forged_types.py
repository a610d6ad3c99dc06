# tries: outputs whose types and data break the JSON, the lines of a stream, or the reader of an answer
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b'{"kind":"display","parts":{"text/\\"},\\"x\\":{":1}}\nx'))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b'{"kind":"display","parts":{"text/html":2}}\n\xff\xfe'))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b'{"kind":"display","parts":{"application/json":9}}\n1}],"a":['), answer(b"1"))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    deep = b"[" * 2000 + b"]" * 2000
    channel(frame(13, b'{"kind":"display","parts":{"application/json":4000}}\n' + deep), answer(b"1"))
    time.sleep(5)


# --- then
# request: {"display": true}
# expect: status killed, signal SIGKILL, error ProtocolError, outputs none
def main():
    channel(frame(13, b'{"kind":"display","parts":{"text/plain":0},"metadata_bytes":9}\n1},"id":{'), answer(b"1"))
    time.sleep(5)
