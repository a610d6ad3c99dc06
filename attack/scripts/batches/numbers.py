# tries: to keep the server busy with comparing numbers that are long, deep or without an end
# send: POST /batches
# each: @WAY@ "float" "tokens"
# body: {"script": "@SCRIPT@", "mode": "program", "compare": "@WAY@", "limits": {"output_bytes": 1048576}, "cases": [{"stdin": "0", "expected_stdout": "1"}, {"stdin": "1", "expected_stdout": "1e999999999"}, {"stdin": "2", "expected_stdout": "nan inf -inf 1e-999999999"}, {"stdin": "3", "expected_stdout": "\n\n\n"}]}
# told: verdict
# expect: http 200, body contains "\"cases\":4,", body contains "\"not_run\":0,", body contains "\"infra_error\":0}"
import sys

sys.stdout.write(["9" * 1_000_000, "1e99999999 " * 90_000, "nan " * 250_000, "\n" * 1_000_000][int(input())])
