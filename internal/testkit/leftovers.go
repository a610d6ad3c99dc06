package testkit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Leftovers counts what this process could leave behind: descriptors, goroutines,
// children, mounts, and the instances and cgroups of a state directory.
type Leftovers struct {
	state  string
	mounts []string
	before []string
}

// WatchLeftovers counts before the first test. If the state directory is empty,
// instances are not counted.
func WatchLeftovers(state string) *Leftovers {
	if r, w, err := os.Pipe(); err == nil { // Go's poller opens its descriptors now, and keeps them
		_, _ = r.Close(), w.Close()
	}
	l := &Leftovers{state: state, mounts: mounts()}
	l.before = l.count()
	return l
}

// Check counts after the last test, once everything that is ending has ended. It
// returns nil if nothing is left. Otherwise the error says what, with the stacks of
// all goroutines.
func (l *Leftovers) Check() error {
	var after []string
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if after = l.count(); slices.Equal(l.before, after) {
			return nil
		}
	}
	stacks := make([]byte, 1<<16)
	return fmt.Errorf("left behind:\nbefore %v\nafter  %v\n%s", l.before, after, stacks[:runtime.Stack(stacks, true)])
}

func (l *Leftovers) count() []string {
	descriptors, _ := os.ReadDir("/proc/self/fd")
	children := 0
	for _, process := range Processes() {
		if process.Parent == os.Getpid() {
			children++
		}
	}
	counts := []string{
		fmt.Sprint("descriptors ", len(descriptors)), fmt.Sprint("goroutines ", runtime.NumGoroutine()),
		fmt.Sprint("children ", children),
	}
	for _, mount := range mounts() {
		if ours.MatchString(mount) && !slices.Contains(l.mounts, mount) {
			counts = append(counts, "mount "+mount)
		}
	}
	if l.state != "" {
		instances, _ := filepath.Glob(filepath.Join(l.state, "*"))
		counts = append(counts, fmt.Sprint("cgroups ", len(Cgroups(l.state))), fmt.Sprint("instances ", len(instances)))
	}
	return counts
}

// ours matches mounts that a hotcell or its nsjail could leave. Other programs on the
// machine mount and unmount at any time.
var ours = regexp.MustCompile(`hotcell-|nsjail`)

func mounts() []string {
	text, _ := os.ReadFile("/proc/self/mounts")
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
