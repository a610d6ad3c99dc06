# tries: to see, end, interrupt, restart and use another tenant's kernel by its id, in either form of its WebSocket and by hotcell's own API
# through: jupyter
# keys: the id of one tenant's kernel, sent by another
# raw: its name stays in the kernel
# expect: http 101, stdout "1\n"
kept = 1
print(kept)
# --- then
# send: GET /compat/jupyter/api/kernels/@KERNEL@@TAIL@
# each: @TAIL@ "" "/channels" "/" "%2f" "%00" "?token=@OTHER@"
# key: other
# expect: http 404
# --- then
# send: WS /compat/jupyter/api/kernels/@KERNEL@/channels
# body: {"code": "print(kept)"}
# header: Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org
# key: other
# expect: http 404
# --- then
# send: WS /compat/jupyter/api/kernels/@KERNEL@/channels?token=@OTHER@
# body: {"code": "print(kept)"}
# key: none
# expect: http 404
# --- then
# send: POST /compat/jupyter/api/kernels/@KERNEL@/@WHAT@
# each: @WHAT@ "interrupt" "restart"
# key: other
# expect: http 404
# --- then
# send: DELETE /compat/jupyter/api/kernels/@ID@
# make: @BIG@ upper @KERNEL@
# make: @BYTES@ percent @KERNEL@
# each: @ID@ "@KERNEL@" "@BIG@" "@BYTES@" "jupyter-@KERNEL@" "..%2fkernels%2f@KERNEL@" "%7b@KERNEL@%7d" "@KERNEL@%0a"
# key: other
# expect: http 404
# --- then
# send: GET /sessions/@ID@
# each: @ID@ "jupyter-@KERNEL@" "@KERNEL@"
# key: other
# expect: http 404
# --- then
# send: POST /sessions
# body: {"id": "jupyter-@KERNEL@", "ttl_s": 60}
# key: other
# expect: http 201
# --- then
# send: WS /compat/jupyter/api/kernels/@KERNEL@/channels
# body: {"code": "print(kept)"}
# key: other
# expect: http 101, body contains "NameError"
# --- then
# send: DELETE /compat/jupyter/api/kernels/@KERNEL@
# key: other
# expect: http 204
# --- then
# raw: it asks for the name
# expect: http 101, stdout "1\n"
print(kept)
