package bench

import (
	"encoding/json"
	"fmt"
	"strings"
)

// SeedScript is the request that everything is measured with: small, and with
// pandas.
const SeedScript = `import pandas as pd
def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
`

// Request is a script with its arguments, as it is sent, and what must come of it.
type Request struct {
	Name, About string
	body        []byte
	status      string // of the answer
	result      string // in JSON; not looked at unless status is ok
}

// newRequest makes one. limits may be nil.
func newRequest(name, about, status, result, source string, args []any, limits map[string]int64) Request {
	fields := map[string]any{"script": source}
	if len(args) > 0 {
		fields["args"] = args
	}
	if limits != nil {
		fields["limits"] = limits
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(fmt.Sprintf("bench: the request %s: %v", name, err)) // they are constants
	}
	return Request{Name: name, About: about, body: body, status: status, result: result}
}

const ok = "ok"

// seed is SeedScript as a request.
var seed = newRequest("seed", "the seed's pandas request", ok, `{"mean":3.0,"max":5}`, SeedScript, nil, nil)

// megabyte is what goes in and out of the request of that name.
var megabyte = strings.Repeat("0123456789abcdef", 1<<16)

// requests are the scripts that are measured, the cheapest first.
var requests = []Request{
	newRequest("nothing", "main returns None", ok, "null", "def main():\n    return None\n", nil, nil),
	seed,
	newRequest("linalg", "numpy solves 200 equations", ok, "true", `import numpy as np
def main():
    n = 200
    a = np.random.default_rng(1).random((n, n)) + n * np.eye(n)
    b = np.ones(n)
    return bool(np.allclose(a @ np.linalg.solve(a, b), b))
`, nil, nil),
	newRequest("megabyte", "1 MB in, the same out", ok, `"`+megabyte+`"`, "def main(text):\n    return text\n", []any{megabyte}, nil),
	newRequest("groupby", "pandas groups 100,000 rows by 100 keys", ok, `{"groups":100,"rows":100000}`, `import numpy as np
import pandas as pd
def main():
    n = 100_000
    data = pd.DataFrame({"key": np.arange(n) % 100, "value": np.random.default_rng(1).random(n)})
    table = data.groupby("key")["value"].agg(["mean", "max", "count"])
    return {"groups": len(table), "rows": int(table["count"].sum())}
`, nil, nil),
}

// hostile are requests that abuse what they get, each with the verdict that it
// must have.
var hostile = []Request{
	newRequest("timeout", "spins until its wall clock ends", "timeout", "", "def main():\n    while True:\n        pass\n", nil,
		map[string]int64{"wall_ms": 200}),
	newRequest("out of memory", "takes memory until there is none", "memory_limit", "", `def main():
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))
`, nil, map[string]int64{"wall_ms": 5000, "memory_bytes": 64 << 20}),
	newRequest("fork bomb", "forks until it may not, and goes on trying", "timeout", "", `import os
def main():
    while True:
        try:
            os.fork()
        except OSError:
            pass
`, nil, map[string]int64{"wall_ms": 200, "processes": 16}),
}
