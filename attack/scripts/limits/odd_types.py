# tries: limits of every other JSON type
# expect: refused invalid_request
# request: {"limits": {"wall_ms": "100"}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": true}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": null}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": [100]}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": {"": 100}}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": null}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": []}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": 100}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": "wall_ms=100"}
def main():
    return "ESCAPED: it ran"
