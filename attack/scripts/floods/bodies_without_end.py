# tries: to fill the server's memory with a body that never ends, in each API
# send: POST /compat@PATH@
# each: @PATH@ "/dify/v1/sandbox/run" "/piston/api/v2/execute" "/snekbox/eval" "/sandboxfusion/run_code" "/sandboxfusion/run_jupyter" "/jupyter/api/kernels" "/e2b/v2/sandboxes" "/azure/code/execute?identifier=a"
# body: {"code": "
# endless: as a chunked body
# expect: http 413
# expect: http 200, body contains "\"code\":-400"
# expect: http 0, broken true
