// Package dropin gives drop-in APIs what they ask of the service: within this process,
// for the caller of a request, with memory that is counted.
//
//	mount.go   an API's routes, and its refusals
//	caller.go  Caller: what package compat asks of the service
//	inside.go  requests of an API to the service's own handler
//	kept.go    Kept: requests whose answers are kept whole, as those of package mcp
//	memory.go  waiting for memory
package dropin
