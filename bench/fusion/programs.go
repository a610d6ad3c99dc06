package fusion

import (
	"cmp"
	"fmt"
	"strings"
)

// Program is one that a language model could have written for an exercise, with one of the
// exercise's checks.
type Program struct {
	Name    string
	Code    string
	Want    string  // what it must print
	Verdict Verdict // what it must get
}

// An exercise is a function with its checks: expressions, and how Python shows their
// values. A wrong one is solved wrongly, as some always are.
type exercise struct {
	name, head, body string
	checks           [][2]string
	wrong            Verdict // empty: it is solved
	data             bool    // with numpy or pandas
}

var exercises = []exercise{
	{name: "has_close_elements", head: "from typing import List", body: `def solve(numbers: List[float], threshold: float) -> bool:
    ordered = sorted(numbers)
    return any(b - a < threshold for a, b in zip(ordered, ordered[1:]))`,
		checks: [][2]string{{"solve([1.0, 2.0, 3.9, 4.0], 0.3)", "True"}, {"solve([1.0, 2.0, 3.0], 0.5)", "False"}, {"solve([], 1.0)", "False"}}},
	{name: "balanced", head: "import re", body: `def solve(text):
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    for sign in re.sub(r"[^()\[\]{}]", "", text):
        if sign in pairs:
            if not stack or stack.pop() != pairs[sign]:
                return False
        else:
            stack.append(sign)
    return not stack`,
		checks: [][2]string{{`solve("f(x[1]) {}")`, "True"}, {`solve("(]")`, "False"}, {`solve("((")`, "False"}}},
	{name: "primes", head: "import math", body: `def solve(limit):
    sieve = bytearray([1]) * (limit + 1)
    sieve[:2] = b"\0\0"
    for n in range(2, math.isqrt(limit) + 1):
        if sieve[n]:
            sieve[n * n :: n] = bytes(len(range(n * n, limit + 1, n)))
    return sum(sieve)`,
		checks: [][2]string{{"solve(10)", "4"}, {"solve(1000)", "168"}, {"solve(20000)", "2262"}}},
	{name: "word_count", head: "from collections import Counter", body: `def solve(text):
    return dict(sorted(Counter(text.lower().split()).items()))`,
		checks: [][2]string{{`solve("a b A")`, "{'a': 2, 'b': 1}"}, {`solve("")`, "{}"}}},
	{name: "edit_distance", head: "from functools import lru_cache", body: `def solve(a, b):
    @lru_cache(None)
    def walk(i, j):
        if i == len(a) or j == len(b):
            return len(a) - i + len(b) - j
        return min(walk(i + 1, j) + 1, walk(i, j + 1) + 1, walk(i + 1, j + 1) + (a[i] != b[j]))
    return walk(0, 0)`,
		checks: [][2]string{{`solve("kitten", "sitting")`, "3"}, {`solve("", "abc")`, "3"}, {`solve("intention", "execution")`, "5"}}},
	{name: "shortest_path", head: "import heapq", body: `def solve(graph, start, goal):
    queue, seen = [(0, start)], set()
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            return cost
        if node not in seen:
            seen.add(node)
            for other, length in graph.get(node, {}).items():
                heapq.heappush(queue, (cost + length, other))
    return -1`,
		checks: [][2]string{{`solve({"a": {"b": 1, "c": 5}, "b": {"c": 1}}, "a", "c")`, "2"}, {`solve({}, "a", "b")`, "-1"}}},
	{name: "permutations", head: "import itertools", body: `def solve(text):
    return len(set(itertools.permutations(text)))`,
		checks: [][2]string{{`solve("aab")`, "3"}, {`solve("abcdef")`, "720"}}},
	{name: "dates", head: "from datetime import date, timedelta", body: `def solve(year, month, day, days):
    return str(date(year, month, day) + timedelta(days=days))`,
		checks: [][2]string{{"solve(2024, 2, 28, 2)", "2024-03-01"}, {"solve(2023, 12, 31, 1)", "2024-01-01"}}},
	{name: "roman", body: `def solve(number):
    out = ""
    for value, sign in ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
                        (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        out += sign * (number // value)
        number %= value
    return out`,
		checks: [][2]string{{"solve(1994)", "MCMXCIV"}, {"solve(4)", "IV"}}},
	{name: "average, divides by zero", wrong: RuntimeError, body: `def solve(numbers):
    return sum(numbers) / (len(numbers) - len(numbers))`,
		checks: [][2]string{{"solve([1, 2, 3])", "2.0"}, {"solve([4])", "4.0"}}},
	{name: "reverse_words, does not", wrong: WrongAnswer, body: `def solve(text):
    return text[::-1]`,
		checks: [][2]string{{`solve("one two")`, "two one"}, {`solve("ab cd")`, "cd ab"}}},
	{name: "a syntax error", wrong: RuntimeError, body: `def solve(n)
    return n`,
		checks: [][2]string{{"solve(1)", "1"}, {"solve(2)", "2"}}},
	{name: "matrix power", head: "import numpy as np", data: true, body: `def solve(n):
    return int(np.linalg.matrix_power(np.array([[1, 1], [1, 0]], dtype=object), n)[0, 1])`,
		checks: [][2]string{{"solve(10)", "55"}, {"solve(90)", "2880067194370816120"}}},
	{name: "moving average", head: "import numpy as np", data: true, body: `def solve(values, width):
    return np.convolve(values, np.ones(width) / width, "valid").round(2).tolist()`,
		checks: [][2]string{{"solve([1, 2, 3, 4], 2)", "[1.5, 2.5, 3.5]"}, {"solve([5, 5, 5], 3)", "[5.0]"}}},
	{name: "group by", head: "import pandas as pd", data: true, body: `def solve(rows):
    return pd.DataFrame(rows, columns=["key", "value"]).groupby("key")["value"].sum().to_dict()`,
		checks: [][2]string{{`solve([("a", 1), ("b", 2), ("a", 3)])`, "{'a': 4, 'b': 2}"}, {`solve([("x", 1)])`, "{'x': 1}"}}},
	{name: "join", head: "import pandas as pd", data: true, body: `def solve(left, right):
    return pd.Series(left).to_frame("l").join(pd.Series(right).to_frame("r"), how="inner").sum(axis=1).to_dict()`,
		checks: [][2]string{{`solve({"a": 1, "b": 2}, {"b": 3})`, "{'b': 5}"}, {`solve({"a": 1}, {})`, "{}"}}},
}

// Programs returns so many programs, either all with numpy or pandas or all without. Each
// has a text of its own, and they are the same each time.
func Programs(count int, data bool) []Program {
	var kind []exercise
	for _, e := range exercises {
		if e.data == data {
			kind = append(kind, e)
		}
	}
	all := make([]Program, count)
	for i := range all {
		e := kind[i%len(kind)]
		check := e.checks[i/len(kind)%len(e.checks)]
		code := strings.TrimSpace(e.head+"\n\n\n"+e.body) + fmt.Sprintf("\n\n\nif __name__ == \"__main__\":\n    print(%s)  # %d\n", check[0], i)
		all[i] = Program{Name: e.name, Code: code, Want: check[1], Verdict: cmp.Or(e.wrong, Accepted)}
	}
	return all
}
