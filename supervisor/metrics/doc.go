// Package metrics provides the metrics of GET /metrics.
//
//	table.go    every metric: its name, kind, labels and help
//	state.go    metrics that are read from the service's state on each scrape
//	metrics.go  metrics that count and time what happens
package metrics
