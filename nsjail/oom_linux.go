package nsjail

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// The order in which the kernel kills when the machine, or the container that hotcell
// is in, has no memory left: cells first, then zygotes, hotcell last.
const (
	killedSecond = iota + 1
	killedFirst
)

var ownOOMScore = sync.OnceValue(func() int64 {
	score, err := kernfs.Number("/proc/self/oom_score_adj", "")
	if err != nil {
		return 0
	}
	return score
})

// offer makes the kernel's out-of-memory killer choose a process before this one. An
// ordinary user may not do that: then the kernel chooses by size. No isolation
// depends on it.
func offer(pid, rank int) {
	const highest = 1000 // proc_pid_oom_score_adj(5)
	score := ownOOMScore() + (highest-ownOOMScore())*int64(rank)/killedFirst
	_ = kernfs.Write(fmt.Sprintf("/proc/%d/oom_score_adj", pid), strconv.FormatInt(score, 10))
}
