# tries: to fill a sandbox's disk, and more, with a file that never ends
# through: e2b
# send: POST /compat/e2b/files?path=big
# header: E2b-Sandbox-Id: @BOX@
# header: Content-Type: application/octet-stream
# within: 30000
# endless: until the disk is full
# expect: http 507|400
# expect: http 0, broken true
# --- then
# send: POST /compat/e2b/files
# header: E2b-Sandbox-Id: @BOX@
# form: name="file"; filename="big"
# within: 30000
# endless: likewise
# expect: http 507|400
# expect: http 0, broken true
# --- then
# raw: nothing of it stays
# expect: http 200, stdout "held: []\n"
import os

print("held:", os.listdir("."))
