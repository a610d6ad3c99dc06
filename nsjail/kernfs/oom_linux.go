package kernfs

import (
	"fmt"
	"strconv"
	"sync"
)

// The ranks of [Offer]: the order in which the kernel kills when the machine, or the container that hotcell
// is in, has no memory left: cells first, then zygotes, hotcell last.
const (
	KilledSecond = iota + 1
	KilledFirst
)

var ownOOMScore = sync.OnceValue(func() int64 {
	score, err := Number("/proc/self/oom_score_adj", "")
	if err != nil {
		return 0
	}
	return score
})

// Offer makes the kernel's out-of-memory killer choose a process before this one. An
// ordinary user may not do that: then the kernel chooses by size. No isolation
// depends on it.
func Offer(pid, rank int) {
	const highest = 1000 // proc_pid_oom_score_adj(5)
	score := ownOOMScore() + (highest-ownOOMScore())*int64(rank)/KilledFirst
	_ = Write(fmt.Sprintf("/proc/%d/oom_score_adj", pid), strconv.FormatInt(score, 10))
}
