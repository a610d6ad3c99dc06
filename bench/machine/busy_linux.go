package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tick is the unit of times in /proc, USER_HZ: 100 a second on every architecture that
// Go runs on.
const tick = 10 * time.Millisecond

// Tree returns the processor time that a process and its descendants have taken so far,
// those that have ended included, if their parents waited for them. Cells' parents need not
// (pyworker/loop.py).
func Tree(root int) (time.Duration, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	parents, ticks := make(map[int]int), make(map[int]int64)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has ended
		} else if err != nil {
			return 0, err
		}
		pid, parent, used, err := parseStat(text)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		parents[pid], ticks[pid] = parent, used
	}
	if _, found := ticks[root]; !found {
		return 0, fmt.Errorf("process %d: %w", root, os.ErrProcessDone)
	}
	var sum int64
	for pid := range ticks {
		for above := pid; above > 0; above = parents[above] {
			if above == root {
				sum += ticks[pid]
				break
			}
		}
	}
	return time.Duration(sum) * tick, nil
}

// Used returns the processor time of a process so far, without that of its children.
func Used(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED: see clock_getcpuclockid(3)
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|scheduled, &used); err != nil { // #nosec G115 -- process ids have 22 bits
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// Busy returns the processor time that all processes of the machine and its kernel have taken
// so far, but for this one.
func Busy() (time.Duration, error) {
	all, err := ofMachine()
	if err != nil {
		return 0, err
	}
	own, err := Used(os.Getpid())
	return all.busy - own, err
}

// parseStat returns what proc_pid_stat(5) says of a process: its parent, and the ticks
// that it and those that it waited for have taken.
func parseStat(text []byte) (pid, parent int, ticks int64, err error) {
	name, rest := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')') // which may have parentheses and spaces of its own
	if name < 0 || rest < name {
		return 0, 0, 0, fmt.Errorf("no name in parentheses: %.100q", text)
	}
	// state, parent, …, utime, stime, cutime, cstime
	fields := strings.Fields(string(text[rest+1:]))
	if len(fields) < 15 {
		return 0, 0, 0, fmt.Errorf("%d fields instead of 15 and more", len(fields))
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(text[:name])))
	if err == nil {
		parent, err = strconv.Atoi(fields[1])
	}
	for _, field := range fields[11:15] {
		n, wrong := strconv.ParseInt(field, 10, 64)
		ticks, err = ticks+n, errors.Join(err, wrong)
	}
	return pid, parent, ticks, err
}

// total is the processor time of the whole machine so far.
type total struct{ busy, stolen time.Duration }

// ofMachine reads the first line of /proc/stat (proc_stat(5)): user, nice, system, idle,
// iowait, irq, softirq, steal.
func ofMachine() (m total, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return m, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var user, nice, system, idle, iowait, irq, softirq, steal int64
	if _, err := fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal); err != nil {
		return m, fmt.Errorf("/proc/stat: %w", err)
	}
	return total{time.Duration(user+nice+system+irq+softirq) * tick, time.Duration(steal) * tick}, nil
}

// Watch looks from time to time at what others use.
type Watch struct {
	first  total
	began  time.Time
	others Others
}

// Look waits for so long, in which this process should have nothing to do, and measures
// what all processes but this one and its descendants use meanwhile.
func (w *Watch) Look(ctx context.Context, long time.Duration) error {
	begin, all, own, err := look()
	if err != nil {
		return err
	}
	if w.others.Looks == 0 {
		w.first, w.began = all, begin
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
	}
	end, allAfter, ownAfter, err := look()
	if err != nil {
		return err
	}
	share := max(0, percent(allAfter.busy-all.busy-(ownAfter-own), end.Sub(begin)))
	n := float64(w.others.Looks)
	w.others.Mean = (n*w.others.Mean + share) / (n + 1)
	w.others.Most = max(w.others.Most, share)
	w.others.Stolen = percent(allAfter.stolen-w.first.stolen, end.Sub(w.began))
	w.others.Looks++
	return nil
}

func look() (now time.Time, all total, own time.Duration, err error) {
	if all, err = ofMachine(); err == nil {
		own, err = Tree(os.Getpid())
	}
	return time.Now(), all, own, err
}

// percent returns the share of all processors over a time.
func percent(used, long time.Duration) float64 {
	return 100 * float64(used) / float64(long) / float64(runtime.NumCPU())
}

// Others returns what was seen so far.
func (w *Watch) Others() Others { return w.others }
