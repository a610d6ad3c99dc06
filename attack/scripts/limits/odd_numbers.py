# tries: limits that are not valid amounts: zero, negative, fractions, exponents, infinities
# expect: refused invalid_request
# request: {"limits": {"wall_ms": 0}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": -1}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"cpu_ms": -9223372036854775808}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": 0.5}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"wall_ms": 1e400}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"memory_bytes": -0}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"processes": -1}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"memory_bytes": 1}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused invalid_request
# request: {"limits": {"disk_bytes": 0}}
def main():
    return "ESCAPED: it ran"
