# tries: to give one case what is for the whole batch: limits, another profile, another script
# send: POST /batches
# each: @FIELD@ "\"limits\": {\"wall_ms\": 60000}" "\"script\": \"print(1)\"" "\"profile\": \"notebook\"" "\"mode\": \"cell\"" "\"env\": {\"A\": \"b\"}" "\"collect\": [\"**\"]" "\"stdin\": 1" "\"expected_stdout\": [\"x\"]" "\"files\": [{\"path\": \"../x\", \"content\": \"\"}]" "\"files\": [{\"path\": \"/etc/x\", \"content\": \"\"}]" "\"stdin\": \"\", \"stdin\": \"\""
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{@FIELD@}]}
# expect: http 400, not body contains "ran"
print("ran")
