# tries: results and errors of unusual characters, lone surrogates and noncharacters, as keys and as values
# expect: status ok|not_json
def main():
    odd = "\0\x01\x1b[2J\x7f\x80\x9f\u2028\u2029\u202e\ufeff\ufffe\U0010ffff</script>"
    return {odd: odd, "\ud800": "\udfff\ud800", "": [odd] * 3}


# --- then
# expect: status exception, error ValueError, message contains "\u2028"
def main():
    raise ValueError("\0\x01\x1b[2J\u2028\u202e\ufffe")


# --- then
# expect: status exception, line 5
def main():
    kind = type("\x1b[31mA\nB\u202e", (Exception,), {})
    raise kind("\r\n\r\nHTTP/1.1 200 OK")
