# tries: to have ids, paths and names in requests to drop-in APIs become lines of the log, or labels of a metric
# send: GET /compat@PATH@
# each: @PATH@ "/e2b/sandboxes/a%0atime=1%20level=ERROR%20msg=FORGED" "/jupyter/api/kernels/%22%20msg=FORGED%20a=%22" "/jupyter/api/kernelspecs/%0d%0amsg=FORGED" "/azure/files/content/a%0amsg=FORGED?identifier=%0amsg=FORGED" "/FORGED/a%0amsg=FORGED" "/dify/v1/%0amsg=FORGED" "/e2b/contexts/%1b%5b2Jmsg=FORGED" "/piston/api/v2/%e2%80%a8msg=FORGED" "/snekbox/eval%22%7d%0aFORGED" "/sandboxfusion/v1/ping%0aFORGED"
# expect: http 404
# --- then
# send: POST /compat@PATH@
# each: @PATH@ "/e2b/v2/sandboxes" "/dify/v1/sandbox/run" "/piston/api/v2/execute" "/snekbox/eval" "/sandboxfusion/run_code" "/sandboxfusion/run_jupyter" "/jupyter/api/kernels" "/azure/code/execute?identifier=%0aFORGED%22"
# header: X-Request-Id: a msg=FORGED
# header: E2b-Sandbox-Id: " msg=FORGED
# header: User-Agent: " msg=FORGED api=FORGED
# header: X-Forwarded-For: FORGED
# header: Traceparent: 00-FORGED
# body: {"templateID": "\nmsg=FORGED", "language": "\nmsg=FORGED", "version": "\" msg=FORGED", "files": [], "executable_path": "\nFORGED", "kernel": "\nFORGED", "name": "\nmsg=FORGED", "properties": {"codeInputType": "\nmsg=FORGED"}, "fetch_files": ["\nmsg=FORGED"]}
# expect: http 200|400|404|415, not header contains "FORGED", not body contains "\nmsg=FORGED"
# --- then
# send: GET /metrics
# expect: http 200, body contains "route=\"/compat/e2b/sandboxes/{id}\"", not body contains "FORGED"
# expect: http 403|404
