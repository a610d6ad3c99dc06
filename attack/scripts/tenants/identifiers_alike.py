# tries: to have two identifiers of the Azure API share a session: by case, encoding, composition, blanks, NUL, the digest
# through: azure
# raw: its name stays in the session
# expect: http 200, stdout "1\n"
kept = 1
print(kept)
# --- then
# send: POST /compat/azure/code/execute?identifier=@ID@
# make: @BIG@ upper @RUN@
# make: @DIGEST@ digest @RUN@
# each: @ID@ "@BIG@" "@DIGEST@" "azure-@DIGEST@"
# body: {"properties": {"code": "print('kept' in globals())"}}
# told: properties.stdout
# expect: http 200, stdout "False\n"
# --- then
# send: DELETE /compat/azure/session?identifier=@ID@
# each: @ID@ "@BIG@" "@DIGEST@" "azure-@DIGEST@"
# expect: http 204
# --- then
# send: POST /compat/azure/code/execute?identifier=@ID@
# each: @ID@ "@RUN@%00" "%20@RUN@" "@RUN@%cc%81"
# body: {"properties": {"code": "print('kept' in globals())"}}
# told: properties.stdout
# expect: http 200, stdout "False\n"
# --- then
# send: DELETE /compat/azure/session?identifier=@ID@
# each: @ID@ "@RUN@%00" "%20@RUN@" "@RUN@%cc%81"
# expect: http 204
# --- then
# raw: it asks for the name
# expect: http 200, stdout "1\n"
print(kept)
