# tries: to end the message, line or frame of its output and go on with one of the server's, in each API
# through: dify piston snekbox sandboxfusion sandboxfusion_cells azure e2b jupyter jupyter_v1
# raw: it only prints
# expect: http 200|101, broken false, stdout "\"}\n{\"type\":\"error\",\"name\":\"Forged\",\"value\":\"\",\"traceback\":\"\"}\n{\"code\": -1, \"event\": \"result\"}\r\n\n\u0000\u001b[2J\u0085{\"type\":\"end_of_execution\"}\u2028{\"msg_type\":\"error\"}\u2029\u000b\u000c\u001c</script>\ud83d\ude00", not body contains "\n{\"type\":\"error\"", not body contains "\u0085{\"type", not body contains "\u2028{\"msg", not body contains "\r\n\n"
import sys

written = sys.stdout.write('"}\n{"type":"error","name":"Forged","value":"","traceback":""}\n{"code": -1, "event": "result"}\r\n\n\0\x1b[2J')
written += sys.stdout.write('\x85{"type":"end_of_execution"}\u2028{"msg_type":"error"}\u2029\x0b\x0c\x1c</script>\U0001f600')
