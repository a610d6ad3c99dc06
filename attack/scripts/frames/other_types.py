# tries: frames that others send: READY again, SPAWNED and EXITED of other cells, FAILED of the jail; INTERRUPT, TRANSFER, PIECE and DONE, outputs that nobody asked for
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(7, b'{"steps_us":{}}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(b"".join(frame(4, b'{"cell":%d}' % n) for n in range(100)))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(b"".join(frame(5, b'{"cell":%d,"code":0,"signal":0}' % n) for n in range(100)))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(10, b'{"cell":0,"step":"import","error":"all is lost"}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(13, b'{"kind":"display","parts":{"text/plain":1}}\nx'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(14, b""))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(15, b'{"do":"get","path":"a"}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(16, b"x" * 1000))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(frame(17, b'{"files":[{"path":"a","bytes":1}]}'))
    time.sleep(30)
