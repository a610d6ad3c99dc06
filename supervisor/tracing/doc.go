// Package tracing makes OpenTelemetry spans for requests and their steps, and sends
// them where OpenTelemetry's environment variables say: docs/tracing.md.
//
//	tracing.go  a Tracer, which sends spans
//	span.go     spans of requests and their steps; trace parents; exemplars
//	env.go      OpenTelemetry's environment variables
package tracing
