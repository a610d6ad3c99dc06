// Package batchfile runs the cases in a file as a batch, and keeps what came of them in
// another: it is what hotcell batch does.
//
//	cases.go    reads cases, one a line
//	results.go  writes results, one a line, and knows those of an earlier run
//	run.go      Run: sends the cases that have no result yet
package batchfile
