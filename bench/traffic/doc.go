// Package traffic sends requests to a service, and records the outcomes.
//
//	client.go     requests, and the client that sends them
//	openloop.go   schedules, the open and the closed loop, and their Tally
//	timer_linux.go  timers that are not late
//	impatient.go  clients that hang up, for more load than net/http can send
//	histogram.go  latencies
//	breakdown.go  where the time of requests went
package traffic
