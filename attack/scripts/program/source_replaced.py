# tries: to put something else in the place of its source before it is shown: other text, a FIFO, a link to a device, nothing
# expect: status exception, error ValueError, traceback contains "raise ValueError"
# limits: wall_ms=10000
def main():
    import os
    os.chmod("/box/script", 0o700)
    os.remove(__file__)
    open(__file__, "w").write("other\n" * 9)
    raise ValueError
# --- then
# expect: status exception, error ValueError, traceback contains "raise ValueError"
# limits: wall_ms=10000
def main():
    import os
    os.chmod("/box/script", 0o700)
    os.remove(__file__)
    os.mkfifo(__file__)
    raise ValueError
# --- then
# expect: status exception, error ValueError
# expect: status timeout
# limits: wall_ms=1500
# request: {"mode": "program"}
if True:
    import os
    os.chmod("/box/script", 0o700)
    os.remove(__file__)
    os.mkfifo(__file__)
    raise ValueError
# --- then
# expect: status exception, error ValueError
# expect: status memory_limit
# expect: status timeout
# limits: wall_ms=3000 memory_bytes=67108864
# request: {"mode": "program", "collect": ["**"]}
if True:
    import os
    os.chmod("/box/script", 0o700)
    os.rename("/box/script", "/box/other")
    os.mkdir("/box/script")
    os.symlink("/dev/zero", __file__)
    raise ValueError
# --- then
# expect: status ok, files none, exit 0
# request: {"mode": "program", "collect": ["**", "script/*", "*.py"]}
print(open(__file__).read()[-1:])
