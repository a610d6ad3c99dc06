# tries: to read and write files elsewhere than below the working directory through a sandbox's address for files
# through: e2b
# send: GET /compat/e2b/files?path=@PATH@
# header: E2b-Sandbox-Id: @BOX@
# each: @PATH@ "/etc/passwd" "../up" "a/../../../etc/passwd" "" "." "/" "/home/user" "/home/user/.." "/home/user/../../etc/passwd" "/mnt/data/../../proc/self/environ" "/proc/self/mem" "/dev/zero" "/home/user2/a" "/box/etc/stdin"
# each: @PATH@ "a%00b" "%2e%2e%2fup" "..%252fup" "a%0d%0aX-Forged:%20yes" "/home/user/%00" "//home/user/../../etc/passwd" "a/./../../up"
# expect: http 400|404, not header lines "X-Forged.*"
# --- then
# send: POST /compat/e2b/files?path=@PATH@
# body: x
# header: Content-Type: application/octet-stream
# header: E2b-Sandbox-Id: @BOX@
# each: @PATH@ "/etc/passwd" "../up" "a/../../../etc/passwd" "" "." "/" "/home/user" "/proc/self/mem" "/dev/zero" "/home/user2/a" "/box/etc/stdin" "a%00b" "a%0ab" "/home/user/../../tmp/../etc/x"
# expect: http 400
# --- then
# send: POST /compat/e2b/files
# form: name="file"; filename="@NAME@"
# header: E2b-Sandbox-Id: @BOX@
# body: x
# each: @NAME@ "../up" "/etc/passwd" "a/../../up" ".." "." "" "/dev/zero" "/proc/self/mem" "a\u0000b" "/home/user/"
# expect: http 400
# --- then
# raw: only what the uploads left is looked for
# expect: http 200, stdout contains "held: []"
import os

print("held:", [name for name in os.listdir(".")])
