# tries: to answer as a program cannot: with a result, as not_json, as a refusal, with exit codes that there are not
# expect: status killed, signal SIGKILL, error ProtocolError, result null, exit none
# expect: error NoChannel
# request: {"mode": "program"}
channel(answer(b"1", '{"status":"ok","error":null}'))
time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# request: {"mode": "program"}
channel(answer(b"null", '{"status":"not_json","error":{"type":"a","message":"b","traceback":"c","line":null}}'))
time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# request: {"mode": "program"}
channel(answer(b"null", '{"status":"syntax_error","error":{"type":"a","message":"b","traceback":"c","line":null}}'))
time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# request: {"mode": "program"}
channel(answer(b"null", '{"status":"no_main","error":null}'))
time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
# request: {"mode": "program"}
channel(answer(b"null", '{"status":"exited","error":null,"exit_code":256}'))
time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
def main():
    channel(answer(b"null", '{"status":"exited","error":null,"exit_code":-1}'))
    time.sleep(30)
# --- then
# expect: status killed, signal SIGKILL, error ProtocolError, result null
# expect: error NoChannel
def main():
    channel(answer(b"null", '{"status":"ok","error":null,"exit_code":0}'))
    time.sleep(30)
# --- then
# expect: status ok, result null, exit 0
# expect: error NoChannel
# request: {"mode": "program"}
import threading
threading.Thread(target=lambda: channel(answer(b"null", '{"status":"ok","error":null}'))).start()
time.sleep(30)
