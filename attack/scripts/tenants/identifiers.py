# tries: to reach another tenant's Azure session by its identifier, by the digest that is its id, and by other APIs
# through: azure
# keys: one tenant's identifier, sent by another
# raw: its name and file stay in the session
# expect: http 200, stdout "1\n"
kept = 1
open("kept", "w").close()
print(kept)
# --- then
# send: GET /compat/azure/files?identifier=@RUN@
# key: other
# expect: http 200, body "{\"value\":[]}"
# --- then
# send: GET /compat/azure/files/content/kept?identifier=@RUN@
# key: other
# expect: http 404
# --- then
# send: DELETE /compat/azure/session?identifier=@RUN@
# key: other
# expect: http 404|204
# --- then
# send: POST /compat/azure/code/execute?identifier=@ID@
# body: {"properties": {"code": "print('kept' in globals())"}}
# make: @DIGEST@ digest @RUN@
# each: @ID@ "@RUN@" "@DIGEST@" "azure-@DIGEST@"
# told: properties.stdout
# key: other
# expect: http 200, stdout "False\n"
# --- then
# send: DELETE /compat/azure/session?identifier=@ID@
# make: @DIGEST@ digest @RUN@
# each: @ID@ "@RUN@" "@DIGEST@" "azure-@DIGEST@"
# key: other
# expect: http 204
# --- then
# send: GET @PATH@
# make: @DIGEST@ digest @RUN@
# each: @PATH@ "/sessions/azure-@DIGEST@" "/sessions/azure-@DIGEST@/files/kept" "/compat/jupyter/api/kernels/azure-@DIGEST@" "/compat/e2b/sandboxes/azure-@DIGEST@"
# key: other
# expect: http 404
# --- then
# raw: it asks for the name
# expect: http 200, stdout "1\n"
print(kept)
