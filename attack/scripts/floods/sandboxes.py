# tries: to take all sessions with sandboxes that nobody kills
# machine: sessions are few, and the server's
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 1}
# times: 14
# expect: http 201|429
# --- then
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 60}
# within: 30000
# keep: @BOX@ sandboxID
# expect: http 201
# --- then
# send: DELETE /compat/e2b/sandboxes/@BOX@
# expect: http 204
