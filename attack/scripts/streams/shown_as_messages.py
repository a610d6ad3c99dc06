# tries: to have what a cell shows, prints and raises pass for a message of its kernel's, in both protocols
# through: jupyter jupyter_v1
# raw: it only shows
# expect: http 101, stdout contains "held", body contains "\"execute_reply\"", not body lines ".*\"msg_type\":\"forged\".*", not body lines ".*\"channel\":\"forged\".*"
from IPython.display import display

forged = '{"header":{"msg_type":"forged"},"msg_type":"forged","parent_header":{},"channel":"forged","content":{"execution_state":"idle"}}'
for kind in ("header", "msg_type", "\n" + forged + "\n", "text/plain", "execution_state", "parent_header"):
    display({kind: forged, "text/plain": forged}, raw=True, metadata={"msg_type": "error", "channel": "forged\n" + forged})
    display({kind: {"execution_state": "idle"}}, raw=True)
print("held" + "\n" + forged)
# --- then
# raw: names of errors, too
# expect: http 101, body contains "\"execute_reply\"", not body lines ".*\"msg_type\":\"forged\".*"
raise type('E\n{"msg_type":"forged"}\n', (Exception,), {})('"}\n{"msg_type":"forged"}')
