package doctor

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// maximum compares what all cells together may take of a resource with what the
// kernel has for the whole machine.
type maximum struct {
	name   string
	needed func(demand) int64
	have   func() (int64, error)
	remedy string // what to do when more is needed than there is
}

// demand is the most that cells may take.
type demand struct {
	busy      int64 // cells that may run scripts at the same time
	cells     int64 // those, and the ones that are ready
	processes int64 // of one cell
	memory    int64 // bytes of one cell whose request does not set a limit
}

const lessRunning = "lower max_running, max_sessions or limits.max.processes, or "

var maxima = []maximum{
	{"open-files", func(d demand) int64 { return d.busy * d.processes * nsjail.CellFiles }, sysctl("fs/file-max"),
		lessRunning + "raise fs.file-max: when the table is full, no process of the machine can open a file"},
	{"processes", func(d demand) int64 { return d.busy * d.processes }, fewest(sysctl("kernel/pid_max"), sysctl("kernel/threads-max")),
		lessRunning + "raise kernel.pid_max and kernel.threads-max"},
	{"namespaces", func(d demand) int64 { return d.cells }, fewest(sysctl("user/max_pid_namespaces"), sysctl("user/max_mnt_namespaces"),
		sysctl("user/max_ipc_namespaces"), sysctl("user/max_uts_namespaces")), "raise user.max_{pid,mnt,ipc,uts}_namespaces: each cell has one of each"},
	{"own-descriptors", func(d demand) int64 { return d.cells * descriptorsOfACell }, ownDescriptorLimit,
		"raise hotcell's hard limit of open files (LimitNOFILE, ulimit -Hn)"},
	{"pipe-pages", func(d demand) int64 { return d.cells * pagesOfPipes }, sysctl("fs/pipe-user-pages-soft"),
		"raise fs.pipe-user-pages-soft: above it a pipe holds 8 KiB instead of 64 KiB, and output is slower"},
	{"memory", func(d demand) int64 { return d.busy * d.memory }, totalMemory,
		"lower max_running or limits.default.memory: when memory runs out, the kernel kills cells first, but not always the largest ones"},
}

const (
	descriptorsOfACell = 12 // that hotcell holds while a cell runs a script
	pagesOfPipes       = 32 // of its stdout and stderr, pipe(7)
)

func sysctl(name string) func() (int64, error) {
	return func() (int64, error) { return kernfs.Number("/proc/sys/"+name, "") }
}

func fewest(counts ...func() (int64, error)) func() (int64, error) {
	return func() (int64, error) {
		var all []int64
		for _, count := range counts {
			n, err := count()
			if err != nil {
				return 0, err
			}
			all = append(all, n)
		}
		return slices.Min(all), nil
	}
}

func ownDescriptorLimit() (int64, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return int64(min(limit.Max, 1<<40)), nil // #nosec G115 -- bounded
}

func totalMemory() (int64, error) {
	kib, err := kernfs.Number("/proc/meminfo", "MemTotal:")
	return kib << 10, err
}

// examineMaxima adds a check for each maximum. One that is too low is a warning and
// not a reason to refuse to serve: cells seldom take all that they may.
func (c *checkup) examineMaxima(d demand) {
	for _, m := range maxima {
		have, err := m.have()
		if err != nil {
			continue // this kernel has no such maximum
		}
		c.checks = append(c.checks, m.compare(d, have))
	}
}

func (m maximum) compare(d demand, have int64) Check {
	needed := m.needed(d)
	check := Check{Layer: "all-cells " + m.name, Held: true, Found: fmt.Sprintf("all cells together may take %d, there are %d", needed, have)}
	if needed > have {
		check.Warning, check.Remedy = true, m.remedy
	}
	return check
}

// demandOf returns the demand of a configuration.
func demandOf(cfg nsjail.HostConfig, profiles []nsjail.Profile) demand {
	d := demand{busy: int64(cfg.BusyCells), cells: int64(cfg.Cells)}
	for _, p := range profiles {
		d.processes = max(d.processes, int64(max(p.MaxProcesses, p.Limits.Processes)))
		d.memory = max(d.memory, p.Limits.MemoryBytes)
	}
	return d
}
