# tries: to have files of a request to SandboxFusion's API written, and others fetched, elsewhere than in the working directory
# send: POST /compat/sandboxfusion/run_code
# body: {"code": "print(1)", "files": {"@NAME@": ""}}
# each: @NAME@ "../x" "/etc/x" "a/../../x" ".." "." "" "a\u0000b" "a\nb" "x\\y" "./../x" "/proc/self/mem"
# expect: http 400, body contains "\"detail\":"
# --- then
# send: POST /compat/sandboxfusion/run_code
# body: {"code": "print(1)", "fetch_files": ["@NAME@"]}
# each: @NAME@ "../x" "/etc/passwd" "a/../../x" ".." "/" "a\u0000b" "./../x" "/proc/self/environ" "/dev/zero"
# expect: http 400, body contains "\"detail\":"
# --- then
# send: POST /compat/sandboxfusion/run_jupyter
# body: {"cells": ["1"], "files": {"@NAME@": ""}}
# each: @NAME@ "../x" "/etc/x" "a/../../x" "a\u0000b"
# expect: http 400, body contains "\"detail\":"
# --- then
# send: POST /compat/sandboxfusion/run_jupyter
# body: {"cells": ["import os\nos.symlink('/etc/passwd', 'a')\nos.symlink('/', 'b')\nos.mkfifo('c')\nos.mkdir('d')"], "fetch_files": ["a", "b/etc/passwd", "c", "d", "b/proc/self/environ"]}
# expect: http 200, body contains "\"files\":{}"
