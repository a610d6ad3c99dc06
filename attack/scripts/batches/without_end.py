# tries: to fill the server's memory with a case, a script or a name that never ends
# send: POST /batches
# each: @HEAD@ "\"script\": \"print()\", \"cases\": [{\"stdin\": \"" "\"script\": \"print()\", \"cases\": [{\"expected_stdout\": \"" "\"script\": \"" "\""
# body: {@HEAD@
# endless: as a chunked body
# expect: http 413
# expect: http 0, broken true
