package bench

import (
	"strings"

	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client"
)

// referenceScript is what most scenarios send: small, and with pandas.
const referenceScript = `import pandas as pd
def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
`

// reference is referenceScript as a request.
var reference = traffic.NewRequest("pandas", "a small data frame: the reference request", traffic.OK, `{"mean":3.0,"max":5}`, client.Request{Script: referenceScript})

// megabyte is what goes in and out of the request of that name.
var megabyte = strings.Repeat("0123456789abcdef", 1<<16)

const echoScript = "def main(text):\n    return text\n"

var oneMegabyte = traffic.NewRequest("megabyte", "1 MB in, the same out", traffic.OK, `"`+megabyte+`"`, client.Request{Script: echoScript, Args: []any{megabyte}})

// requests are the scripts that are measured, the cheapest first.
var requests = []traffic.Request{
	traffic.NewRequest("nothing", "main returns None", traffic.OK, "null", client.Request{Script: "def main():\n    return None\n"}),
	reference,
	traffic.NewRequest("linalg", "numpy solves 200 equations", traffic.OK, "true", client.Request{Script: `import numpy as np
def main():
    n = 200
    a = np.random.default_rng(1).random((n, n)) + n * np.eye(n)
    b = np.ones(n)
    return bool(np.allclose(a @ np.linalg.solve(a, b), b))
`}),
	oneMegabyte,
	traffic.NewRequest("groupby", "pandas groups 100,000 rows by 100 keys", traffic.OK, `{"groups":100,"rows":100000}`, client.Request{Script: `import numpy as np
import pandas as pd
def main():
    n = 100_000
    data = pd.DataFrame({"key": np.arange(n) % 100, "value": np.random.default_rng(1).random(n)})
    table = data.groupby("key")["value"].agg(["mean", "max", "count"])
    return {"groups": len(table), "rows": int(table["count"].sum())}
`}),
}

// hostile are requests that abuse the service, each with the status that it must
// get.
var hostile = []traffic.Request{
	traffic.NewRequest("timeout", "spins until its wall clock ends", "timeout", "", client.Request{
		Script: "def main():\n    while True:\n        pass\n", Limits: &client.Limits{WallMS: 200},
	}),
	traffic.NewRequest("out of memory", "takes memory until there is none", "memory_limit", "", client.Request{Script: `def main():
    hoard = []
    while True:
        hoard.append(bytearray(1 << 20))
`, Limits: &client.Limits{WallMS: 5000, MemoryBytes: 64 << 20}}),
	traffic.NewRequest("fork bomb", "forks until it may not, and goes on trying", "timeout", "", client.Request{Script: `import os
def main():
    while True:
        try:
            os.fork()
        except OSError:
            pass
`, Limits: &client.Limits{WallMS: 200, Processes: 16}}),
}
