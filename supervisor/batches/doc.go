// Package batches runs each script of a request with each of its cases, and answers with
// one line of JSON for each run, as they finish.
//
//	batch.go    Serve: reads cases as they can be run, runs them, counts
//	places.go   how many run at a time
//	open.go     reads a batch up to its first case, and reserves memory
//	body.go     the body of a batch, read case by case
//	verdict.go  what came of a run
//	compare.go  whether a script printed what was expected
//
// A batch never sits in memory as a whole: the next case is read when the one before has
// a place. Who may run, and in what, is the service's business: see [Config].
package batches
