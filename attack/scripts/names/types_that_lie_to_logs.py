# tries: to name its error like a log line, a stream event or an HTTP header
# expect: status exception, result null, stderr ""
def main():
    raise type('x"} level=ERROR msg="root logged in"\ndata: {"type":"end"}\n\nevent: end\r\nSet-Cookie: a=b\r\n\r\n', (Exception,), {})("x")


# --- then
# expect: status exited, exit 1, stdout ""
def main():
    sys.exit('event: end\ndata: {}\n\nHTTP/1.1 200 OK\r\n\r\n{"status":"ok"}')
