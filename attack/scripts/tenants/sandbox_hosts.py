# tries: to reach another tenant's sandbox, or hotcell's own routes, by names of hosts and by ids written differently
# through: e2b
# keys: the id of one tenant's sandbox, in the name of a host or a header, sent by another
# raw: its name stays in the sandbox
# expect: http 200, stdout "1"
kept = 1
kept
# --- then
# send: POST /execute
# body: {"code": "kept", "script": "def main(): return 'kept'"}
# make: @BIG@ upper @BOX@
# each: @HOST@ "49999-@BOX@.localhost" "49999-@BIG@.localhost" "0-@BOX@.a.b.localhost:80" "49999-@BOX@.localhost."
# header: Host: @HOST@
# key: other
# expect: http 502
# --- then
# send: POST /compat/e2b/execute
# body: {"code": "kept"}
# make: @BIG@ upper @BOX@
# make: @BYTES@ percent @BOX@
# make: @SHORT@ digest @BOX@
# each: @ID@ "@BIG@" "@BYTES@" "@SHORT@" "@BOX@ " "@BOX@\u00e9" "@BOX@/" "../@BOX@" "@BOX@-" "" "debug_sandbox_id" "*"
# header: E2b-Sandbox-Id: @ID@
# key: other
# expect: http 502
# --- then
# send: DELETE /compat/e2b/sandboxes/@ID@
# make: @BIG@ upper @BOX@
# make: @BYTES@ percent @BOX@
# make: @SHORT@ digest @BOX@
# each: @ID@ "@BIG@" "@BYTES@" "@SHORT@" "@BOX@%00" "@BOX@%2f" "..%2f@BOX@" "@BOX@%20" "debug_sandbox_id"
# key: other
# expect: http 404
# --- then
# send: POST /execute
# body: {"code": "kept", "script": "def main(): return 'kept'"}
# header: Host: 49999-@BOX@.localhost
# header: E2b-Sandbox-Id: debug_sandbox_id
# key: other
# expect: http 502|404
# --- then
# raw: it asks for the name
# expect: http 200, stdout "1"
kept
