# tries: to read and write files elsewhere than in a session's directory through the Azure API's addresses for files
# through: azure
# raw: it makes the session
# expect: http 200
open("own", "w").close()
# --- then
# send: POST /compat/azure/files/upload?identifier=@RUN@
# form: name="file"; filename="@NAME@"
# body: x
# each: @NAME@ "../x" "/etc/passwd" "sub/../../x" "." ".." "a//b" "/mnt/data/" "/mnt/data/../x" "" "x\u0000y" "/proc/self/mem" "/dev/zero" "a/./b" "..\u2024/x\u0000"
# expect: http 400
# --- then
# send: POST /compat/azure/files/upload?identifier=@RUN@
# form: name="file"; filename="@NAME@"
# header: User-Agent: Python aiohttp/3.9
# body: x
# each: @NAME@ "%2e%2e/x" "..%2fx" "%2fetc%2fpasswd" "a%2f..%2f..%2fx" "x%00y"
# expect: http 400
# --- then
# send: GET /compat/azure/files/content/@NAME@?identifier=@RUN@
# each: @NAME@ "..%2f..%2fetc%2fpasswd" "%2fetc%2fpasswd" "sub/..%2f..%2fx" "../own" "%2e%2e/own" "own/" "own%00" "%2fproc%2fself%2fenviron" "own/own" "nothing"
# expect: http 400|404|409
# --- then
# raw: only what the uploads left is looked for
# expect: http 200, stdout contains "held: ['own']"
import os

print("held:", os.listdir("."))
