# tries: to take all sessions with the contexts of one sandbox that nobody kills
# machine: sessions are few, and the server's
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 3}
# keep: @BOX@ sandboxID
# expect: http 201
# --- then
# send: POST /compat/e2b/contexts
# header: E2b-Sandbox-Id: @BOX@
# body: {}
# times: 14
# expect: http 200|400|429|502
# --- then
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 60}
# within: 30000
# keep: @LATER@ sandboxID
# expect: http 201
# --- then
# send: DELETE /compat/e2b/sandboxes/@LATER@
# expect: http 204
