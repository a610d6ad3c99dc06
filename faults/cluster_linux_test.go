package faults_test

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// jobsAtATime is how many jobs each fault has. HOTCELL_FLEET_JOBS=2000 has more, and more faults.
func jobsAtATime() (most int, all bool) {
	if most, err := strconv.Atoi(os.Getenv("HOTCELL_FLEET_JOBS")); err == nil {
		return most, true
	}
	return 30, false
}

// A fleet's processes are killed and cut off while jobs are submitted to it. Whatever was
// acknowledged is answered, once.
func TestAFleetAnswersEachJobOnce(t *testing.T) {
	f := newFleet(t)
	if _, all := jobsAtATime(); all {
		f.mayBeTornApart()
	}
	f.work("kill -9 of a node, and a new start", func(*testing.T, func(int64)) {
		f.kill(f.nodes[0].Program)
		f.node(0)
	})
	f.work("kill -9 of the queue's leader", func(t *testing.T, acknowledged func(int64)) {
		leader := f.leader(t)
		f.kill(f.members[leader])
		acknowledged(3) // by two members
		f.member(leader)
	})
	f.work("kill -9 of everything at an acknowledgement", func(_ *testing.T, acknowledged func(int64)) {
		acknowledged(1)
		for _, m := range f.members {
			f.kill(m)
		}
		for _, n := range f.nodes {
			f.kill(n.Program)
		}
		for number := range f.members {
			f.member(number)
		}
		for number := range f.nodes {
			f.node(number)
		}
	})
	t.Logf("all: %d jobs: %d answered, %d wrong, %d lost, %d begun again, in %v", f.sum.requests, f.sum.answered, f.sum.wrong, f.sum.lost, f.again, time.Since(f.began).Round(time.Second))
	if left := orphans(); left != "" {
		t.Errorf("left of those that were killed: %s", left)
	}
	for _, node := range f.nodes {
		node.mustServe()
		node.mustEndCleanly()
	}
	for _, m := range f.members {
		f.kill(m)
	}
}

// mayBeTornApart injects what takes longer.
func (f *fleet) mayBeTornApart() {
	f.work("no fault", func(*testing.T, func(int64)) {})
	f.work("two of three members killed", func(t *testing.T, _ func(int64)) {
		leader := f.leader(t)
		f.kill(f.members[leader])
		f.kill(f.members[(leader+1)%3])
		time.Sleep(time.Second) // jobs that run meanwhile end
		f.member(leader)
		f.member((leader + 1) % 3)
	})
	f.work("a node cut off from the cluster, and back", func(_ *testing.T, acknowledged func(int64)) {
		for _, w := range f.wires {
			w.cut.Store(true)
			w.sever()
		}
		acknowledged(3)      // by the other
		time.Sleep(takeover) // its jobs become the other's, and then it comes back
		for _, w := range f.wires {
			w.cut.Store(false)
		}
	})
}
