# tries: to take all sessions with notebooks
# machine: sessions are few, and the server's
# send: POST /compat/sandboxfusion/run_jupyter
# body: {"cells": ["print('held', end='')"], "total_timeout": 120}
# times: 14
# told: cells.stdout
# expect: http 200, stdout "held"
