package bench

// Goal is a bound for a figure: Value must be at most Goal or, with AtLeast, at least
// Goal. Aim is the value that we hope to reach; 0: none.
type Goal struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Goal    float64 `json:"goal"`
	AtLeast bool    `json:"at_least,omitempty"`
	Aim     float64 `json:"aim,omitempty"`
	Value   float64 `json:"value"`
	Met     bool    `json:"met"`

	scenario string
}

// goals lists all goals. Results have their values under the same names. Nearly all
// compare two figures of one run: the service with the resident process, the fork
// server, or an nsjail per request.
var goals = []Goal{
	{scenario: "throughput", Name: throughputOfFork, Unit: "×", Goal: 1.35, AtLeast: true, Aim: 1.5},
	{scenario: "throughput", Name: throughputOfNsjail, Unit: "×", Goal: 65, AtLeast: true, Aim: 75},
	{scenario: "cpu", Name: cpuOfRequest, Unit: "µs", Goal: 3500, Aim: 3000},
	{scenario: "sequential", Name: medianOfResident, Unit: "×", Goal: 1.2, Aim: 1.1},
	{scenario: "openloop", Name: p99OfMedian, Unit: "×", Goal: 3, Aim: 2.5},
	{scenario: "refill", Name: p99OfRefill, Unit: "×", Goal: 1.5, Aim: 1.2},
	{scenario: "hostile", Name: p99AmongHostile, Unit: "×", Goal: 2.5, Aim: 2},
	{scenario: "megabytes", Name: medianOfMegabyte, Unit: "ms", Goal: 8, Aim: 6},
	{scenario: "megabytes", Name: medianOfMegabytes, Unit: "ms", Goal: 250},
	{scenario: "megabytes", Name: peakOfMegabytes, Unit: "×", Goal: 3},
	{scenario: "printing", Name: printsOfPython, Unit: "×", Goal: 2, Aim: 1.5},
	{scenario: "poolsizes", Name: parkedPSS, Unit: "MB", Goal: 2.4, Aim: 2},
	{scenario: "poolsizes", Name: makingOfFew, Unit: "×", Goal: 1.2, Aim: 1.1},
	{scenario: "empty", Name: emptyOfFork, Unit: "×", Goal: 2},
	{scenario: "hostile", Name: wrongVerdicts, Goal: 0},
	{scenario: "fairness", Name: quietOfCrowd, Unit: "%", Goal: 25},
	{scenario: "compat", Name: otherVerdicts, Goal: 0},
	{scenario: "compat", Name: programsOfNew, Unit: "×", Goal: 5, AtLeast: true, Aim: 10},
	{scenario: "batch", Name: batchOfSaturated, Unit: "×", Goal: 0.95, AtLeast: true},
	{scenario: "batch", Name: p99BesideBatch, Unit: "×", Goal: 2},
	{scenario: "overload", Name: goodputAt5, Unit: "×", Goal: 0.85, AtLeast: true},
	{scenario: "overload", Name: goodputAt20, Unit: "×", Goal: 0.85, AtLeast: true},
	{scenario: "overload", Name: refusalsAt20, Unit: "ms", Goal: 100},
	{scenario: "overload", Name: rightAfterOne, Unit: "%", Goal: 99, AtLeast: true},
	{scenario: "soak", Name: descriptorsLeft, Goal: 0},
	{scenario: "soak", Name: cgroupsLeft, Goal: 0},
}

// Judge compares the results with the goals. It leaves out the goals of scenarios
// that did not run.
func Judge(results []*Result) []Goal {
	judged := []Goal{}
	for _, goal := range goals {
		for _, result := range results {
			for _, value := range result.Values {
				if result.Scenario == goal.scenario && value.Name == goal.Name {
					goal.Value = value.Value
					goal.Met = goal.Value <= goal.Goal
					if goal.AtLeast {
						goal.Met = goal.Value >= goal.Goal
					}
					judged = append(judged, goal)
				}
			}
		}
	}
	return judged
}
