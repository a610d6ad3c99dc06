# tries: to open with a sandbox's token what is the key's: other sandboxes, E2B's own API, hotcell's API, by crooked paths too
# through: e2b
# keys: requests come with a sandbox's token and no key
# raw: its name stays in the sandbox
# expect: http 200, stdout "1"
kept = 1
kept
# --- then
# send: POST /compat/e2b/v2/sandboxes
# body: {"timeout": 120}
# keep: @THEIRS@ sandboxID
# key: other
# expect: http 201
# --- then
# send: POST /compat/e2b/execute
# body: {"code": "1"}
# header: E2b-Sandbox-Id: @THEIRS@
# header: X-Access-Token: @TOKEN@
# key: none
# expect: http 502
# --- then
# send: POST /compat/e2b/execute
# body: {"code": "1"}
# header: E2b-Sandbox-Id: @BOX@
# header: X-Access-Token: @GUESS@
# make: @BIG@ upper @BOX@
# each: @GUESS@ "" "AAAAAAAAAAAAAAAAAAAAAAAAAA" "@BOX@" "@BIG@"
# key: none
# expect: http 502
# --- then
# send: GET @PATH@
# each: @PATH@ "/sandboxes" "/v2/sandboxes" "/sandboxes/@BOX@" "/health/../sandboxes" "//sandboxes" "/files/../sandboxes/@BOX@" "/files%2f..%2fsandboxes"
# header: Host: 49983-@BOX@.localhost
# header: X-Access-Token: @TOKEN@
# key: none
# expect: http 401|404|502
# --- then
# send: GET /compat/e2b@PATH@
# each: @PATH@ "/sandboxes" "/v2/sandboxes" "/sandboxes/@BOX@" "/health/../sandboxes" "/files/../../e2b/sandboxes" "/../jupyter/api/kernels"
# header: E2b-Sandbox-Id: @BOX@
# header: X-Access-Token: @TOKEN@
# key: none
# expect: http 401|404|502
# --- then
# send: GET @PATH@
# each: @PATH@ "/sessions" "/sessions/@BOX@" "/info" "/admin/sessions" "/metrics" "/compat/jupyter/api/kernels" "/compat/azure/files?identifier=a"
# header: E2b-Sandbox-Id: @BOX@
# header: X-Access-Token: @TOKEN@
# header: E2b-Traffic-Access-Token: @TOKEN@
# key: none
# expect: http 401
# --- then
# send: POST /v2/sandboxes
# body: {"timeout": 1}
# header: Host: 49999-@BOX@.localhost
# header: X-Access-Token: @TOKEN@
# key: none
# expect: http 401|404|502
# --- then
# send: POST /execute
# body: {"code": "kept"}
# header: Host: 49999-@BOX@.localhost
# header: X-Access-Token: @TOKEN@
# key: none
# told: text
# expect: http 200, stdout "1"
# --- then
# send: DELETE /compat/e2b/sandboxes/@THEIRS@
# key: other
# expect: http 204
