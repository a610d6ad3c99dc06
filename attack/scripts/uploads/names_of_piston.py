# tries: to have files of a request to Piston's API written elsewhere than in the working directory
# send: POST /compat/piston/api/v2/execute
# body: {"language": "python", "version": "*", "files": [{"name": "m.py", "content": "print(1)"}, {"name": "@NAME@", "content": "x"}]}
# each: @NAME@ "../x" "/etc/x" "a/../../x" ".." "." "m.py/x" "a\u0000b" "a\nb" "C:\\x" "a//../../x" "./../x" "..\u2215x\u0000"
# each: @NAME@ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
# expect: http 400, body contains "{\"message\":"
