# tries: to get more than the maximum, by a little and by so much that a number overflows
# expect: refused limit_too_high
# request: {"limits": {"wall_ms": 86400001}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"cpu_ms": 9223372036854775}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"memory_bytes": 9223372036854775807}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"memory_bytes": 18446744073726328832}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"processes": 4294967297}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"output_bytes": 9007199254740993}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"result_bytes": 4294967296}}
def main():
    return "ESCAPED: it ran"


# --- then
# expect: refused limit_too_high
# request: {"limits": {"disk_bytes": 99999999999999999999999999}}
def main():
    return "ESCAPED: it ran"
