# tries: nested exception groups, thousands deep and thousands wide, and one that contains itself
# expect: status exception|killed|memory_limit|timeout, result null
# limits: wall_ms=6000
# within: 8000
def main():
    error = ValueError("x")
    for _ in range(3000):
        error = ExceptionGroup("g", [error])
    raise error


# --- then
# expect: status exception|killed|memory_limit|timeout, result null
# limits: wall_ms=6000
# within: 8000
def main():
    raise ExceptionGroup("g", [ValueError(str(n)) for n in range(100_000)])


# --- then
# expect: status exception|killed|memory_limit|timeout, result null
# limits: wall_ms=6000
# within: 8000
def main():
    a, b = ValueError("a"), ValueError("b")
    a.__cause__, b.__cause__ = b, a
    raise a
