# tries: to see, end, keep and use another tenant's sandbox by its id
# through: e2b
# keys: the id of one tenant's sandbox, sent by another
# raw: its name stays in the sandbox
# expect: http 200, stdout "1"
kept = 1
kept
# --- then
# send: GET /compat/e2b/sandboxes/@BOX@@TAIL@
# each: @TAIL@ "" "/metrics" "/" "%2f" "%00" "?a=b"
# key: other
# expect: http 404
# --- then
# send: POST /compat/e2b@PATH@
# each: @PATH@ "/sandboxes/@BOX@/timeout" "/sandboxes/@BOX@/connect" "/v2/sandboxes/@BOX@/connect" "//sandboxes/@BOX@/timeout"
# body: {"timeout": 1}
# key: other
# expect: http 404
# --- then
# send: GET /compat/e2b/v2/sandboxes?metadata=run%3D@RUN@
# key: other
# expect: http 200, body "[]"
# --- then
# send: DELETE /compat/e2b/sandboxes/@BOX@
# key: other
# expect: http 404
# --- then
# send: POST /compat/e2b/execute
# body: {"code": "kept"}
# header: E2b-Sandbox-Id: @BOX@
# key: other
# expect: http 502
# --- then
# send: GET /compat/e2b@PATH@
# each: @PATH@ "/health" "/contexts" "/files?path=a"
# header: E2b-Sandbox-Id: @BOX@
# key: other
# expect: http 502
# --- then
# send: GET /sessions/@BOX@
# key: other
# expect: http 404
# --- then
# send: DELETE /sessions/@BOX@
# key: other
# expect: http 404
# --- then
# send: POST /compat/e2b/process.Process/SendSignal
# body: {}
# header: E2b-Sandbox-Id: @BOX@
# key: other
# expect: http 502
# --- then
# raw: it asks for the name
# expect: http 200, stdout "1"
kept
