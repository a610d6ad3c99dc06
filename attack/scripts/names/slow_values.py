# tries: values that are slow to convert to JSON: a million keys that are not strings, sets that cannot be sorted, dates, decimals
# expect: status ok|timeout|output_limit|memory_limit|not_json
# limits: wall_ms=4000 cpu_ms=3000
# within: 8000
def main():
    return {(n, str(n)): n for n in range(300_000)}


# --- then
# expect: status ok|timeout|output_limit|memory_limit|not_json
# limits: wall_ms=4000 cpu_ms=3000
# within: 8000
class Odd:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return sum(range(100)) < self.n

    def __hash__(self):
        return self.n


def main():
    return {Odd(n) for n in range(200_000)}


# --- then
# expect: status ok|timeout|output_limit|memory_limit|not_json
# limits: wall_ms=4000 cpu_ms=3000
# within: 8000
import pandas


def main():
    return pandas.DataFrame({"a": pandas.date_range("2020", periods=200_000, freq="s"), "b": [None] * 200_000})
