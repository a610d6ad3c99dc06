package cgroup

import "time"

// A script that answers within milliseconds should not wait for those that compute for
// seconds, nor for hostile ones that spin until their time is up. So a cell that goes on
// using more than effortPart of a processor yields to others until it has rested. Where no
// other wants the processor, that changes nothing.
const (
	effortAtOnce = 20 * time.Millisecond // of processor time with the usual weight
	effortPart   = 10                    // a tenth of a processor, with the usual weight all the time
)

// Effort measures how much a run uses of the processors.
type Effort struct {
	left time.Duration // with the usual weight
	seen time.Time
	used time.Duration // at that time
	busy bool
}

// NewEffort returns that of a run that begins.
func NewEffort(now time.Time) Effort { return Effort{left: effortAtOnce, seen: now} }

// Changes is told how much the run has used, and reports whether its weight is another now.
func (e *Effort) Changes(now time.Time, used time.Duration) bool {
	e.left = max(min(e.left+now.Sub(e.seen)/effortPart, effortAtOnce)-(used-e.used), 0)
	e.seen, e.used = now, used
	was := e.busy
	e.busy = e.left == 0
	return e.busy != was
}

// Weight returns the weight of a run whose usual weight is this.
func (e *Effort) Weight(usual Weight) Weight {
	if e.busy {
		return usual / 4
	}
	return usual
}
