package cgroup_test

import (
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

func TestARunYieldsWhenItGoesOnUsingMoreThanATenthOfAProcessor(t *testing.T) {
	const ms = time.Millisecond
	now, used := time.Now(), time.Duration(0)
	effort := cgroup.NewEffort(now)
	for i, step := range []struct {
		passed, used time.Duration
		changes      bool
		weight       cgroup.Weight
	}{
		{25 * ms, 19 * ms, false, 100},
		{25 * ms, 25 * ms, true, 25},
		{25 * ms, 0, true, 100}, // it has rested
		{25 * ms, 2 * ms, false, 100},
		{25 * ms, 50 * ms, true, 25}, // on two processors
		{25 * ms, 3 * ms, false, 25},
		{time.Hour, 0, true, 100},
		{25 * ms, 19 * ms, false, 100}, // an hour of rest is no more than what it has at first
		{25 * ms, 19 * ms, true, 25},
	} {
		now, used = now.Add(step.passed), used+step.used
		if changes := effort.Changes(now, used); changes != step.changes || effort.Weight(cgroup.WeightFull) != step.weight {
			t.Fatalf("step %d: changes %v, weight %d; wanted %v, %d", i, changes, effort.Weight(cgroup.WeightFull), step.changes, step.weight)
		}
	}
	effort, used = cgroup.NewEffort(now), 0
	for range 1000 { // a tenth, as long as it likes
		now, used = now.Add(25*ms), used+25*ms/10
		if effort.Changes(now, used); effort.Weight(cgroup.WeightBehind) != cgroup.WeightBehind {
			t.Fatal("a run that uses a tenth of a processor yields")
		}
	}
}
