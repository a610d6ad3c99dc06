# tries: to smuggle a result in beside an exception with fields that are long, odd and full of control characters
# expect: status exception, result null, not error none, not message contains "\u0000"
# expect: error NoChannel
# limits: wall_ms=10000
def main():
    import json
    odd = "".join(map(chr, range(1, 300))) + "\u202e</script>\r\nX-Injected: 1\r\n\r\n"
    head = json.dumps({"status": "exception", "error": {"type": odd, "message": odd * 300, "traceback": odd, "line": 1 << 60}})
    channel(answer(b'"smuggled"', head))
    time.sleep(30)
