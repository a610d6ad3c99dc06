// Package dropin gives drop-in APIs what they ask of the service: within this process,
// for the caller of a request, with memory that is counted.
//
//	mount.go   an API's routes, and its refusals
//	caller.go  Caller: what package compat asks of the service
//	inside.go  Inside: requests of an API, and of package mcp, to the service's own handler
//	memory.go  waiting for memory
package dropin
