package faults_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// descriptorLimit sets how many descriptors a process may have (EMFILE), and returns
// the previous limit. Descriptors over the new limit stay open.
func descriptorLimit(t *testing.T, p *program, most uint64) uint64 {
	t.Helper()
	var before unix.Rlimit
	pid := p.Process.Pid
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: most, Max: before.Max}, nil); err != nil {
		t.Fatal(err)
	}
	return before.Cur
}

// Without free descriptors no cell is made, no file is opened and no connection is
// accepted. Running scripts are not disturbed.
func TestDescriptorsMayRunOut(t *testing.T) {
	fault{
		name: "EMFILE: no descriptor for 1 s", allowed: allowed{refusals: []string{"unavailable"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			before := descriptorLimit(t, p, 3)
			time.Sleep(time.Second)
			descriptorLimit(t, p, before)
			return time.Now()
		},
	}.run(t)
}

// With few free descriptors, everything that needs one sometimes fails, also halfway.
func TestDescriptorsMayBeScarce(t *testing.T) {
	fault{
		name: "EMFILE: 0 to 19 descriptors, for 1 s", allowed: allowed{refusals: []string{"unavailable"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			var before uint64
			for i := range 20 {
				open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.Process.Pid))
				was := descriptorLimit(t, p, uint64(len(open)+i)) // #nosec G115 -- small
				before = max(before, was)
				time.Sleep(50 * time.Millisecond)
			}
			descriptorLimit(t, p, before)
			return time.Now()
		},
	}.run(t)
}
