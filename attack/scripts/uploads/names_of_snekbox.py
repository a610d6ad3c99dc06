# tries: to have files of a request to snekbox's API written elsewhere than in the working directory
# send: POST /compat/snekbox/eval
# body: {"input": "print(1)", "files": [{"path": "@NAME@", "content": ""}]}
# each: @NAME@ "../x" "/etc/x" "a/../../x" ".." "." "" "a\u0000b" "a\nb" "x\\y" "./../x" "/proc/self/mem"
# each: @NAME@ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
# expect: http 400, body contains "\"description\":"
