// Package pool keeps a number of things ready that are slow to make and can be
// used only once. Each is handed to one claimer, destroyed after that use, and
// replaced in the background.
//
// It is not a connection pool: nothing that was claimed ever comes back. The pool
// does not know what a T is. It has no health check of its own: it calls Alive
// when it hands a parked T out, and an owner who learns of a death earlier calls
// [Pool.Discard]. It neither logs nor exports metrics; [Pool.Stats] returns a
// snapshot for code that does.
//
// A T is made, parked, claimed and destroyed, in this order. It is not parked if
// somebody waits for it, and not claimed if it dies, grows old or is surplus. In
// every case, each T that Make returned is destroyed exactly once.
//
//	pool.go    Pool: its state, New, Resize; parking and destroying
//	config.go  Config and its defaults
//	claim.go   Claim and ClaimBehind, the claimers that wait, and Lease
//	refill.go  which calls of Make run, back-off after failures
//	retire.go  Discard, Replace, and what has grown too old
//	scale.go   Scaler and Autoscale: how large the pool should be
//	stats.go   Stats and Counters
//	close.go   Drain and Close
//	errors.go  the errors of Claim
//
// No goroutine watches the pool. Every change of its state ends in a call of settle,
// which starts the calls of Make that the new state needs. A timer does the same when
// a back-off or an age expires.
package pool
