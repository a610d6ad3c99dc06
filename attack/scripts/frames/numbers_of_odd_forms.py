# tries: forged results whose numbers no parser likes: endless digits, exponents beyond any float, plus signs, hexadecimal
# expect: status ok|killed
# expect: error NoChannel
# limits: wall_ms=10000
# within: 8000
def main():
    channel(answer(b"1" * 1_000_000))
    time.sleep(30)


# --- then
# expect: status ok|killed
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"[1e999999999,-1e-999999999,0.0000000000000000001E+400]"))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"+1"))
    time.sleep(30)


# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    channel(answer(b"[01,0x10,.5,Infinity]"))
    time.sleep(30)
