# tries: to keep others, and its own kernel, from being served by WebSockets that say nothing
# through: jupyter
# send: WS /compat/jupyter/api/kernels/@KERNEL@/channels
# idle: they are open while the other requests come
# times: 150
# expect: http 101
# --- then
# raw: it only prints
# within: 30000
# expect: http 101, stdout "held"
print("held", end="")
# --- then
# send: POST /execute
# body: {"script": "def main(): return 'held'"}
# told: result
# within: 30000
# expect: http 200, stdout "held"
