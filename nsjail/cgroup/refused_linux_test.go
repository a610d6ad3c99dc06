package cgroup_test

import (
	"testing"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

// refusing has some processes, one of which is refused another after some looks.
type refusing struct {
	cgroup.Group
	processes int64
	after     int
	looks     *int
}

func (r refusing) Refused() int64 {
	*r.looks++
	if *r.looks > r.after {
		return 1
	}
	return 0
}

func (r refusing) Processes() int64 { return r.processes }

func TestARefusedProcessThatIsCountedLateIsSeen(t *testing.T) {
	for _, c := range []struct {
		name      string
		processes int64
		after     int
		want      bool
		looks     int
	}{
		{"it is counted", 1, 0, true, 1},
		{"it is counted late", 2, 3, true, 4},
		{"nobody else can be refused", 1, 3, false, 1},
		{"nothing is refused", 2, 1000, false, 6},
	} {
		looks := 0
		if got := cgroup.WasRefused(refusing{processes: c.processes, after: c.after, looks: &looks}); got != c.want || looks != c.looks {
			t.Errorf("%s: %v after %d looks", c.name, got, looks)
		}
	}
}
