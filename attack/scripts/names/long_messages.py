# tries: an error that is long in every way: its text, its notes, its causes, its group, its class' name
# expect: status exception, result null
# limits: wall_ms=10000
# within: 8000
def main():
    raise ValueError("x" * 50_000_000)


# --- then
# expect: status exception|memory_limit|timeout, result null
# limits: wall_ms=8000
# within: 9000
def main():
    error = ValueError("x")
    error.__notes__ = ["note" * 100] * 50_000
    raise error


# --- then
# expect: status exception|memory_limit|timeout, result null
# limits: wall_ms=8000
# within: 9000
def main():
    error = ValueError("first")
    for n in range(20_000):
        next_error = ValueError(str(n))
        next_error.__cause__ = error
        error = next_error
    raise error


# --- then
# expect: status exception|memory_limit|timeout, result null
# limits: wall_ms=8000
# within: 9000
def main():
    raise type("N" * 1_000_000, (Exception,), {"__module__": "m" * 1_000_000})("x")
