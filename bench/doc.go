// Package bench measures a service from a client's side. In the same run, and in
// turns with it, it measures what people do without one, so that figures from
// noisy machines can be quoted as ratios. It asserts nothing but its goals;
// whether answers are right is the tests' business, but a wrong answer ends a
// measurement.
//
// A run:
//
//	run_linux.go         Run: the services, the baselines, one scenario after the other
//	scenario_linux.go    the list of scenarios, and the type of their results
//	requests.go          the requests that are sent
//	goals.go             the goals, and whether a run meets them
//	report.go            the results as tables and as JSON, from which tools/plots draws
//	capacity_linux.go    reads what package capacity computes with
//
// The scenarios:
//
//	sequential_linux.go  one request after the other: sequential and scripts
//	megabytes_linux.go   large arguments and results
//	throughput_linux.go  as many as can be answered
//	cpu_linux.go         the processor time of a request
//	sweep_linux.go       openloop: rates up to and past saturation
//	burst_linux.go       100 at once
//	empty_linux.go       an empty pool
//	refill_linux.go      a pool that is being filled
//	poolsizes_linux.go   1 to 500 parked cells
//	hostile_linux.go     good requests among hostile ones
//	fairness_linux.go    a key with few requests beside one with many
//	compat_linux.go      a batch of programs by SandboxFusion's API
//	batch_linux.go       a batch, and requests of others beside it
//	printing_linux.go    100,000 prints
//	overload_linux.go    more than can be answered
//	vegeta_linux.go      the load generator against another one
//	soak_linux.go        what is left over after a long time
//
// Package traffic generates the load, package baseline runs what hotcell is
// compared with, package machine says what a run ran on, and who used its processors, package served runs services in processes of their own, package fusion sends batches of programs, package pooled reads the
// state of a pool, and package capacity computes what other machines hold.
package bench
