# tries: to have E2B's calls about files reach what the sandbox's own code may not, or break what answers them
# through: e2b
# send: POST /compat/e2b/filesystem.Filesystem/@CALL@
# header: E2b-Sandbox-Id: @BOX@
# body: {"path": "/etc/x", "source": "/etc/passwd", "destination": "/etc/x"}
# each: @CALL@ "MakeDir" "Move" "Remove" "main" "__import__" "Stat%22%2c{})%2bprint(1)%23" "..%2fprocess.Process%2fStart" "_do"
# expect: http 400|403|404|500|501
# --- then
# send: POST /compat/e2b/filesystem.Filesystem/Stat
# header: E2b-Sandbox-Id: @BOX@
# body: {"path": @PATH@}
# each: @PATH@ "1" "null" "[]" "{}" "true"
# expect: http 400|404|200
# --- then
# send: POST /compat/e2b/filesystem.Filesystem/Stat
# header: E2b-Sandbox-Id: @BOX@
# body: {"path": "@PATH@"}
# each: @PATH@ "a\u0000b" "\ud800" "\udc80x" "\"}')+exit()#" "a\nb" "\u2028" "nothing"
# expect: http 400|404
# --- then
# raw: the sandbox goes on
# expect: http 200, stdout contains "held"
print("held")
