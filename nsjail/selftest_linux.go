package nsjail

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/protocol"
)

// Check is one layer of isolation, tried in a real cell.
type Check struct {
	Layer string `json:"layer"`
	// Profile is set by [Examine], where the check is about one.
	Profile string `json:"profile,omitempty"`
	Held    bool   `json:"held"`
	Found   string `json:"found"` // what was seen, in a few words
	// Warning says that it held, and that an operator may want to change something.
	Warning bool `json:"warning,omitempty"`
	// Remedy says what an operator can do; empty when it held without a warning.
	Remedy string `json:"remedy,omitempty"`
	// Optional is set where the layer does not hold because the kernel does not
	// have it, and hotcell serves all the same.
	Optional bool `json:"optional,omitempty"`
}

// Layers are the names of all layers, in the order in which they are checked.
// They are what allow_missing takes.
func Layers() []string {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.name
	}
	return names
}

// Missing gives the checks that did not hold, without those that are optional.
func Missing(checks []Check) []Check {
	return slices.DeleteFunc(slices.Clone(checks), func(c Check) bool { return c.Held || c.Optional })
}

// probeScript is the hostile part: it runs as a tenant's script would.
//
//go:embed probe.py
var probeScript string

// layers says how each one is checked, from what evidence found. A look
// returns what it saw, and an error where the layer does not hold.
var layers = []struct {
	name   string
	look   func(*evidence) (string, error)
	remedy string
}{
	{"user-namespace", ownNamespace("user"), kernelRemedy},
	{"pid-namespace", ownNamespace("pid"), kernelRemedy},
	{"mount-namespace", ownNamespace("mnt"), kernelRemedy},
	{"network-namespace", ownNamespace("net"), kernelRemedy},
	{"ipc-namespace", ownNamespace("ipc"), kernelRemedy},
	{"uts-namespace", ownNamespace("uts"), kernelRemedy},
	{"cgroup-namespace", ownNamespace("cgroup"), kernelRemedy},
	{"read-only-root", readOnlyRoot, "see which mount of the jail is writable; nsjail mounts them all read-only"},
	{"no-proc-no-sys", noProc, "nothing of /proc and /sys belongs into a jail; look at a root of your own"},
	{"no-network", noNetwork, "the cells' seccomp filter must refuse socket(2)"},
	{"own-uid", ownUID, "free the uid range, or give another with uid_base"},
	{"no-capabilities", noCapabilities, "the cell could not drop its capabilities: see the log for its steps"},
	{"no-new-privileges", noNewPrivileges, kernelRemedy},
	{"seccomp", seccompInForce, "the kernel needs CONFIG_SECCOMP_FILTER"},
	{"zygote-seccomp", zygoteSeccomp, "the kernel needs CONFIG_SECCOMP_FILTER"},
	{"resource-limits", resourceLimits, "report this: a cell lowers its own limits"},
	{"landlock", landlockInForce, "use Linux 6.12 or newer, with landlock among its security modules; hotcell serves without"},
	{"no-foreign-descriptors", ownDescriptors, "a library that is preloaded keeps a descriptor open; leave it out"},
	{"randomness", differentRandomness, "a library's generator is not reseeded in cells: leave it out, or use spawn mode exec"},
	{"single-threaded-zygote", singleThreaded, "leave out the preload that starts threads, or use spawn mode exec"},
	{cgroup.LayerMemory, memoryBites, cgroupRemedy},
	{cgroup.LayerPids, processesBite, cgroupRemedy},
	{cgroup.LayerCPU, cpuBites, cgroupRemedy},
	{"disk-limit", diskBites, "the cell's tmpfs could not be mounted or resized: the kernel must be 5.2 or newer"},
	{"wall-limit", wallBites, "report this: it needs nothing of the machine"},
}

const (
	kernelRemedy = "run `hotcell doctor`: the kernel, or the container engine's seccomp profile, refuses it"
	cgroupRemedy = "run hotcell where it may make cgroups with this controller (a delegated one: systemd-run -p Delegate=yes), or name the layer in allow_missing"
)

// evidence is what the probes found, gathered once and looked at by layer.
type evidence struct {
	zygotePID  int
	singleUID  bool
	landlock   int            // the ABI that cells use
	cellLimits map[string]int // by their names in /proc/PID/limits
	one, two   seen
	verdicts   map[string]Verdict // by probe
}

// seen is one cell, from outside and from within.
type seen struct {
	namespaces map[string]string // of the cell, by kind
	status     map[string]string // lines of /proc/PID/status
	rlimits    map[string][2]string
	writable   []string // where file systems but its disk are mounted writable
	within     struct {
		Writable    []string          `json:"writable"`
		Visible     []string          `json:"visible"`
		Network     []string          `json:"network"`
		Unruled     []string          `json:"unruled"` // what only Landlock refuses
		Descriptors []int             `json:"descriptors"`
		Random      map[string]string `json:"random"`
	}
}

// SelfTest runs hostile probes in fresh cells of the jail and says of every
// layer whether it held. It takes some ten cells and under two seconds in spawn
// mode fork. An error means that it could not be carried out, which is no pass.
func (j *Jail) SelfTest(ctx context.Context) ([]Check, error) {
	found, err := j.gather(ctx)
	if err != nil {
		return nil, fmt.Errorf("nsjail: self-test of %q: %w", j.profile.Name, err)
	}
	checks := make([]Check, 0, len(layers))
	for _, layer := range layers {
		text, err := layer.look(found)
		check := Check{Layer: layer.name, Held: err == nil, Found: text}
		if err != nil {
			check.Found, check.Remedy, check.Optional = err.Error(), layer.remedy, errors.Is(err, landlock.ErrUnavailable)
		}
		checks = append(checks, check)
	}
	return checks, nil
}

// limitProbes are run each in a cell of its own, since they end it.
var limitProbes = []struct {
	name, script string
	change       func(*Limits)
}{
	{"memory", "def main():\n    bytearray(b'x') * (96 << 20)", func(l *Limits) { l.MemoryBytes = 48 << 20 }},
	{"processes", "import os, time\ndef main():\n    n = 0\n    try:\n        while n < 8:\n            if os.fork() == 0: time.sleep(60)\n            n += 1\n    except OSError: pass\n    return n",
		func(l *Limits) { l.Processes = 4 }},
	{"cpu", "import os, time\ndef main():\n    for _ in range(3): os.fork()\n    end = time.monotonic() + 0.3\n    while time.monotonic() < end: pass", func(*Limits) {}},
	{"disk", "def main():\n    try:\n        with open('full', 'wb') as f: f.write(bytes(4 << 20))\n    except OSError as e: return e.errno", func(l *Limits) { l.DiskBytes = 1 << 20 }},
	{"wall", "import time\ndef main(): time.sleep(60)", func(l *Limits) { l.Wall = 100 * time.Millisecond }},
}

func (j *Jail) gather(ctx context.Context) (*evidence, error) {
	found := &evidence{zygotePID: j.ZygotePID(), singleUID: j.host.ids.Single, landlock: j.host.landlock, cellLimits: j.cellLimits(), verdicts: make(map[string]Verdict)}
	// Both wait at the same time, so that they are siblings in every respect.
	one, err := j.Spawn(ctx)
	if err != nil {
		return nil, err
	}
	defer one.Close()
	two, err := j.Spawn(ctx)
	if err != nil {
		return nil, err
	}
	defer two.Close()
	if err := errors.Join(found.one.look(ctx, one), found.two.look(ctx, two)); err != nil {
		return nil, err
	}
	// At once, since a service waits for it that has lost its zygote.
	verdicts, errs := make([]Verdict, len(limitProbes)), make([]error, len(limitProbes))
	var probes sync.WaitGroup
	for i, probe := range limitProbes {
		probes.Go(func() {
			limits := j.profile.Limits
			probe.change(&limits)
			if verdicts[i], errs[i] = j.probe(ctx, probe.script, limits); errs[i] != nil {
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
func (j *Jail) probe(ctx context.Context, script string, limits Limits) (Verdict, error) {
	cell, err := j.Spawn(ctx)
	if err != nil {
		return Verdict{}, err
	}
	defer cell.Close()
	limits.Wall = min(limits.Wall, 5*time.Second)
	return cell.Run(ctx, Job{Script: script, Limits: limits})
}

func (s *seen) look(ctx context.Context, cell *Cell) error {
	s.namespaces = make(map[string]string)
	dir := filepath.Join("/proc", fmt.Sprint(cell.pid))
	for _, kind := range []string{"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"} {
		link, err := os.Readlink(filepath.Join(dir, "ns", kind))
		if err != nil {
			return err
		}
		s.namespaces[kind] = link
	}
	var err error
	if s.status, err = readStatus(cell.pid); err != nil {
		return err
	}
	if s.writable, err = writableMounts(cell.pid); err != nil {
		return err
	}
	verdict, err := cell.Run(ctx, Job{Script: probeScript, Limits: cell.limits})
	if err != nil {
		return err
	}
	// A cell lowers them after READY, and before it runs anything.
	if s.rlimits, err = readRlimits(cell.pid); err != nil {
		return err
	}
	if verdict.Status != protocol.StatusOK {
		return fmt.Errorf("the probe ended with %s: %+v", verdict.Status, verdict.Error)
	}
	return json.Unmarshal(verdict.Result, &s.within)
}

// writableMounts reads /proc/PID/mountinfo, proc_pid_mountinfo(5): behind a mount
// that is writable by mistake Landlock still refuses to write, and hides the mistake.
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

// readStatus reads the lines of /proc/PID/status by name, proc_pid_status(5).
func readStatus(pid int) (map[string]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, err
	}
	status := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		status[name] = strings.Join(strings.Fields(value), " ")
	}
	return status, nil
}
