# tries: to run code in, remove and restart a context of another tenant's sandbox, from a sandbox of one's own
# through: e2b
# keys: the id of one tenant's context, sent by another
# raw: its name stays in the sandbox
# expect: http 200, stdout "1"
kept = 1
kept
# --- then
# send: POST /compat/e2b/contexts
# body: {}
# header: E2b-Sandbox-Id: @BOX@
# keep: @CONTEXT@ id
# expect: http 200
# --- then
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 120}
# key: other
# keep: @OWN@ sandboxID
# expect: http 201
# --- then
# send: POST /compat/e2b/execute
# body: {"code": "kept", "context_id": "@ID@"}
# make: @BYTES@ percent @CONTEXT@
# each: @ID@ "@CONTEXT@" "@BOX@" "../@BOX@" "@BYTES@" "@CONTEXT@\u0000" "@OWN@-" "@OWN@/../@BOX@"
# header: E2b-Sandbox-Id: @OWN@
# key: other
# expect: http 404
# --- then
# send: DELETE /compat/e2b/contexts/@ID@
# make: @BYTES@ percent @CONTEXT@
# each: @ID@ "@CONTEXT@" "@BOX@" "..%2f@BOX@" "@BYTES@"
# header: E2b-Sandbox-Id: @OWN@
# key: other
# expect: http 404
# --- then
# send: POST /compat/e2b/contexts/@ID@/restart
# each: @ID@ "@CONTEXT@" "@BOX@" "..%2f@BOX@"
# header: E2b-Sandbox-Id: @OWN@
# key: other
# expect: http 404
# --- then
# send: GET /compat/e2b/contexts
# header: E2b-Sandbox-Id: @BOX@
# key: other
# expect: http 502
# --- then
# send: GET /sessions/@ID@
# each: @ID@ "@CONTEXT@" "@BOX@"
# key: other
# expect: http 404
# --- then
# send: DELETE /compat/e2b/sandboxes/@OWN@
# key: other
# expect: http 204
# --- then
# raw: it asks for the name
# expect: http 200, stdout "1"
kept
