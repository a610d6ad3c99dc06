// Package bench measures a service from a client's side, and beside it, in the
// same run and in turns, what people do without one: so that figures from noisy
// machines can be quoted as ratios.
//
//	scripts.go           the requests
//	requests.go          the client, and where the time of a request went
//	openloop.go          schedules, the open and the closed loop
//	histogram.go         latencies
//	scrape.go            what a service says of its pool
//
//	baseline.py          the baselines, in Python
//	baseline_linux.go    starts and asks them
//	plainhttp.go         HTTP in front of them
//
//	run_linux.go         one run: services, baselines, scenarios
//	scenario_linux.go    which scenarios there are, and what they give
//	sequential_linux.go, throughput_linux.go, sweep_linux.go, burst_linux.go, empty_linux.go, refill_linux.go,
//	poolsizes_linux.go, hostile_linux.go, fairness_linux.go, vegeta_linux.go, soak_linux.go
//
//	goals.go             what was promised
//	report.go            tables, JSON, files
//	charts.go            the plots; plot/ draws them
//	machine_linux.go     the machine's facts
//	capacity_linux.go    what capacity/ is computed from
//
// It asserts nothing but its goals; whether answers are right is the tests'
// business, though a wrong answer ends a measurement.
package bench
