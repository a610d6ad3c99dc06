package batches

import "runtime"

// Behind returns how many runs of batches have a place at a time, if nothing else runs:
// enough to keep the processors busy while cells begin and end.
func Behind() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// Beside returns how many have one while other requests run.
func Beside() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Suggested returns how many requests a client should have in flight that may run most at
// a time: as many as keep the processors busy, less those of others that run now.
// Batches do not count: they make room.
func Suggested(most, others int) int { return max(1, min(most, Behind()-others)) }
