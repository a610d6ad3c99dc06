# tries: to be served by another cell after it has ended its own
# session: that ends
# expect: status exited, exit 3
os._exit(3)
# --- then
# expect: refused gone
"still here"
