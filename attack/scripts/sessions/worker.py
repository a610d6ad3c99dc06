# tries: to replace what the worker reads and answers with, before the next call
# session: patched
# expect: status ok
os.read = os.write = lambda *a: b""
json = sys.modules["json"]
json.loads = json.dumps = lambda *a, **k: {}
"patched"
# --- then
# expect: status ok|exited|killed|exception|timeout
# limits: wall_ms=2000
# expect: refused gone
"after"
