# tries: escape sequences, and lines that look like a header, an answer or an event of a stream
# expect: result 1, stdout "\u001b]0;owned\u0007\u001b[2J\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{\"status\":\"ok\"}\n\ndata: {}\n\n"
def main():
    sys.stdout.write('\x1b]0;owned\x07\x1b[2J\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{"status":"ok"}\n\ndata: {}\n\n')
    return 1
