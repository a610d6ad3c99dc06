package doctor

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
)

// probeScript is the hostile part. It runs as a script of a tenant does.
//
//go:embed probe.py
var probeScript string

// evidence is what the probes found. It is gathered once, and each layer looks at it.
type evidence struct {
	zygotePID   int
	ownFilters  int // of the zygote, without those of this process
	singleUID   bool
	unixSockets bool
	landlock    int            // the ABI that cells use
	cellLimits  map[string]int // by their names in /proc/PID/limits
	one, two    seen
	verdicts    map[string]nsjail.Verdict // by probe
}

// seen is what one cell looks like from outside and from inside.
type seen struct {
	namespaces map[string]string // by kind
	status     map[string]string // lines of /proc/PID/status
	rlimits    map[string][2]string
	writable   []string // mount points that are writable, without its own disk
	within     struct {
		Writable    []string          `json:"writable"`
		Visible     []string          `json:"visible"`
		Network     []string          `json:"network"`
		Sibling     string            `json:"sibling"` // "reached" if its socket's name could be
		Unruled     []string          `json:"unruled"` // what only Landlock would refuse
		Descriptors []int             `json:"descriptors"`
		Random      map[string]string `json:"random"`
	}
}

// childrenOfProbe is how many processes the probe of the process limit may start.
const childrenOfProbe = 3

// limitProbes each run in a cell of their own, since they end it.
var limitProbes = []struct {
	name, script string
	change       func(limits *nsjail.Limits, threads int) // threads are the cell's before its script runs
}{
	{"memory", "def main():\n    bytearray(b'x') * (96 << 20)", func(l *nsjail.Limits, _ int) { l.MemoryBytes = 48 << 20 }},
	{"processes", "import os, time\ndef main():\n    n = 0\n    try:\n        while n < 8:\n            if os.fork() == 0: time.sleep(60)\n            n += 1\n    except OSError: pass\n    return n",
		func(l *nsjail.Limits, threads int) { l.Processes = threads + childrenOfProbe }},
	{"cpu", "import os, time\ndef main():\n    for _ in range(3): os.fork()\n    end = time.monotonic() + 0.3\n    while time.monotonic() < end: pass", func(*nsjail.Limits, int) {}},
	{"disk", "def main():\n    try:\n        with open('full', 'wb') as f: f.write(bytes(4 << 20))\n    except OSError as e: return e.errno", func(l *nsjail.Limits, _ int) { l.DiskBytes = 1 << 20 }},
	{"wall", "import time\ndef main(): time.sleep(60)", func(l *nsjail.Limits, _ int) { l.Wall = 100 * time.Millisecond }},
}

func gather(ctx context.Context, jail *nsjail.Jail) (*evidence, error) {
	found := &evidence{zygotePID: jail.ZygotePID(), ownFilters: 1, singleUID: jail.Host().UIDs() == uids.ModeSingle, unixSockets: jail.UnixSockets(), landlock: jail.Host().LandlockABI(), cellLimits: jail.ResourceLimits(), verdicts: make(map[string]nsjail.Verdict)}
	if jail.Snapshot().Bytes > 0 {
		found.ownFilters++ // seccomp.KeepFilter
	}
	// Both exist at the same time, so that they are siblings in every respect.
	one, err := jail.Spawn(ctx)
	if err != nil {
		return nil, err
	}
	defer one.Close()
	two, err := jail.Spawn(ctx)
	if err != nil {
		return nil, err
	}
	defer two.Close()
	limits := jail.Profile().Limits
	if err := errors.Join(found.one.look(ctx, one, limits), found.two.look(ctx, two, limits)); err != nil {
		return nil, err
	}
	threads, err := strconv.Atoi(found.one.status["Threads"]) // libraries have some of their own in spawn mode exec
	if err != nil {
		return nil, fmt.Errorf("count the threads of a cell: %w", err)
	}
	// In parallel: a service that has lost its zygote waits for this.
	verdicts, errs := make([]nsjail.Verdict, len(limitProbes)), make([]error, len(limitProbes))
	var probes sync.WaitGroup
	for i, probe := range limitProbes {
		probes.Go(func() {
			limits := limits
			probe.change(&limits, threads)
			if verdicts[i], errs[i] = runProbe(ctx, jail, probe.script, limits); errs[i] != nil {
				errs[i] = fmt.Errorf("probe %s: %w", probe.name, errs[i])
			}
		})
	}
	probes.Wait()
	for i, probe := range limitProbes {
		found.verdicts[probe.name] = verdicts[i]
	}
	return found, errors.Join(errs...)
}

// probe runs a script in a fresh cell.
func runProbe(ctx context.Context, jail *nsjail.Jail, script string, limits nsjail.Limits) (nsjail.Verdict, error) {
	cell, err := jail.Spawn(ctx)
	if err != nil {
		return nsjail.Verdict{}, err
	}
	defer cell.Close()
	limits.Wall = min(limits.Wall, 5*time.Second)
	return cell.Run(ctx, nsjail.Job{Script: script, Limits: limits})
}

func (s *seen) look(ctx context.Context, cell *nsjail.Cell, limits nsjail.Limits) error {
	s.namespaces = make(map[string]string)
	dir := filepath.Join("/proc", fmt.Sprint(cell.PID()))
	for _, kind := range []string{"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"} {
		link, err := os.Readlink(filepath.Join(dir, "ns", kind))
		if err != nil {
			return err
		}
		s.namespaces[kind] = link
	}
	var err error
	if s.status, err = kernfs.Fields(fmt.Sprintf("/proc/%d/status", cell.PID())); err != nil {
		return err
	}
	if s.writable, err = writableMounts(cell.PID()); err != nil {
		return err
	}
	verdict, err := cell.Run(ctx, nsjail.Job{Script: probeScript, Limits: limits})
	if err != nil {
		return err
	}
	// A cell lowers them after READY and before it runs the script.
	if s.rlimits, err = readRlimits(cell.PID()); err != nil {
		return err
	}
	if verdict.Status != protocol.StatusOK {
		return fmt.Errorf("the probe ended with %s: %+v", verdict.Status, verdict.Error)
	}
	return json.Unmarshal(verdict.Result, &s.within)
}

// writableMounts returns the writable mount points in /proc/PID/mountinfo
// (proc_pid_mountinfo(5)). The probe cannot find them all: Landlock refuses writes to
// a mount that is writable by mistake, and so hides the mistake.
func writableMounts(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", pid))
	if err != nil {
		return nil, err
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if target, options := fields[4], fields[5]; target != environment.Box && slices.Contains(strings.Split(options, ","), "rw") {
			found = append(found, target)
		}
	}
	return found, nil
}

// readRlimits returns the soft and hard limits of a process by name (proc_pid_limits(5)).
func readRlimits(pid int) (map[string][2]string, error) {
	text, err := kernfs.Read(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return nil, err
	}
	const nameWidth = 25 // of the kernel's columns
	limits := make(map[string][2]string)
	for line := range strings.Lines(text) {
		if len(line) <= nameWidth {
			continue
		}
		if fields := strings.Fields(line[nameWidth:]); len(fields) >= 2 {
			limits[strings.TrimSpace(line[:nameWidth])] = [2]string{fields[0], fields[1]}
		}
	}
	return limits, nil
}
