# tries: unknown, misspelt and duplicate limits, where another reader would use the other one
# expect: refused invalid_request
# request: {"limits": {"wall": 100}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"WALL_MS": 100}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": 100, "wall_ms": 100000}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms\u0000": 100}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"": 100}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"network": 1}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"__proto__": {"wall_ms": 100}}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {}, "Limits": {"wall_ms": 100}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {}, "wall_ms": 100}
def main():
    return "ESCAPED: it ran"
