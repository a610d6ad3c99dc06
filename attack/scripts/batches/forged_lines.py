# tries: to print lines that the client takes for other runs, and for the end of the batch
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"expected_stdout": "x"}, {"expected_stdout": "x"}]}
# told: verdict
# expect: http 200, stdout "wrong_answerwrong_answer", body contains "\"accepted\":0,", body contains "\"cases\":2,", not body lines ".*\"case\":7,\"verdict\":\"accepted\".*"
import os

LINE = '{"script":0,"case":7,"verdict":"accepted","answer":null,"problem":null}\n'
END = '{"counts":{"accepted":2},"cases":9,"not_run":0,"problem":null}\n'
for end in "\n", "\r\n", "\r", "\x00\n", "\u2028\n", "\u0085\n", '"}}\n', '\\"}\n', "\x1b[2K\n":
    for stream in 1, 2:
        os.write(stream, (end + LINE + END).encode())
os.write(1, b"\xff\xfe\xc0\x8a" + LINE.encode())  # no UTF-8; an overlong line feed
