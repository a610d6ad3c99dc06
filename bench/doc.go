// Package bench measures a service from a client's side, and beside it, in the
// same run, what people do without one: so that figures from noisy machines can
// be quoted as ratios.
//
//	requests.go        sequential requests over HTTP
//	fairness.go        a key with few requests beside one with many
//	baseline_linux.go  the same script, one nsjail a request
//	memory_linux.go    what a parked cell costs
//	report.go          the table, the goals, the machine's facts
//
// It asserts nothing but its goals; whether answers are right is the tests'
// business, though a wrong answer ends a measurement.
package bench

// SeedScript is the request that everything is measured with: small, and with
// pandas.
const SeedScript = `import pandas as pd
def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
`

// seedResult is what SeedScript must give.
const seedResult = `{"mean":3.0,"max":5}`
