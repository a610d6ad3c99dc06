# tries: variables that no environment can contain: without a name, with NUL, with an equals sign
# expect: refused invalid_request
# request: {"env": {"A\u0000B": "x"}}
def main():
    return 1
# --- then
# expect: refused invalid_request
# request: {"env": {"A": "x\u0000LD_PRELOAD=x"}}
def main():
    return 1
# --- then
# expect: refused invalid_request
# request: {"env": {"A=B": "x", "": "y"}}
def main():
    return 1
# --- then
# expect: status ok, result ["/box/work/x.so", true]
# request: {"env": {"LD_PRELOAD": "/box/work/x.so", "LD_AUDIT": "x", "PYTHONPATH": ".", "PYTHONHOME": "/nowhere", "PYTHONINSPECT": "1", "PYTHONSTARTUP": "x", "GCONV_PATH": ".", "MALLOC_PERTURB_": "7", "PATH": "."}}
def main():
    return [os.environ["LD_PRELOAD"], sys.flags.inspect == 0 or sys.prefix != "/nowhere"]
