# tries: to fill an Azure session's disk, and more, with a file that never ends
# through: azure
# raw: it makes the session
# expect: http 200
1
# --- then
# send: POST /compat/azure/files/upload?identifier=@RUN@
# form: name="file"; filename="big"
# within: 30000
# endless: until the disk is full
# expect: http 507|400
# expect: http 0, broken true
# --- then
# raw: nothing of it stays
# expect: http 200, stdout "held: []\n"
import os

print("held:", os.listdir("."))
