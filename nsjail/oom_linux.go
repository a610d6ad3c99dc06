package nsjail

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// Who is killed first when the machine, or the container that hotcell is in,
// has no memory left: cells, then zygotes, and hotcell after all of them.
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

// offer makes a process likelier to be chosen by the kernel's out-of-memory
// killer than this one. Where we may not, as an ordinary user, the kernel
// chooses by size: no isolation depends on it.
func offer(pid, rank int) {
	const highest = 1000 // proc_pid_oom_score_adj(5)
	score := ownOOMScore() + (highest-ownOOMScore())*int64(rank)/killedFirst
	_ = kernfs.Write(fmt.Sprintf("/proc/%d/oom_score_adj", pid), strconv.FormatInt(score, 10))
}
