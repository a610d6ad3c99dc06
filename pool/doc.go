// Package pool keeps a number of things ready that are slow to make and can be
// used once: each is handed to one claimer, destroyed after that use, and
// replaced in the background.
//
// It is not a pool of connections: nothing that was claimed ever comes back.
// What a T is, the pool does not know. It has no health probe of its own
// either: it asks Alive when it hands a parked T out, and an owner who learns
// of a death earlier says so with [Pool.Discard]. It neither logs nor exports
// metrics: [Pool.Stats] is a snapshot for whoever does.
//
// A T is made, parked, claimed and destroyed, in this order; it may skip being
// parked when somebody waits for it, and being claimed when it dies, grows old
// or is one too many. Whatever happens, each T that Make returned is destroyed
// exactly once.
//
// There is no goroutine that watches. Every change of the state ends in settle
// (refill.go), which starts the makes that the new state asks for; a timer
// does the same when a back-off or an age runs out.
package pool
