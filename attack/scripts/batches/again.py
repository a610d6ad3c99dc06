# tries: to die as a cell does that is lost, and so to be run again and again
# send: POST /batches
# body: {"script": "@SCRIPT@", "mode": "program", "cases": [{"stdin": "0"}, {"stdin": "1"}, {"stdin": "2"}, {"stdin": "3"}, {"stdin": "4"}, {"stdin": "5"}]}
# expect: http 200, body contains "\"accepted\":0,", body contains "\"infra_error\":0}", body contains "\"cases\":6,\"not_run\":0,"
import ctypes
import os
import signal

way = int(input())
if way == 0:
    os.kill(os.getppid(), signal.SIGKILL)  # which it has not
if way == 1:
    os.closerange(0, 1 << 16)
if way == 2:
    os.abort()
if way == 3:
    ctypes.string_at(0)
if way == 4:
    signal.pthread_kill(__import__("threading").get_ident(), signal.SIGSYS)
os._exit(9)
