package nsjail

import (
	"slices"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/protocol"
)

// Shortcuts make cells cheaper. A cell is the same without them, and as isolated.
// docs/performance.md says what each gains.
const (
	// ShortcutLibcFork makes the zygote fork by C's fork() alone: see pyworker/forks.py.
	ShortcutLibcFork = "libc-fork"
	// ShortcutCgroupReuse gives cells cgroups that others had: see nsjail/cgroup/again_linux.go.
	ShortcutCgroupReuse = "cgroup-reuse"
	// ShortcutPrintLog makes a print append to memory instead of a pipe: see pyworker/printing.py.
	ShortcutPrintLog = "print-log"
	// ShortcutLoop makes a zygote with a snapshot make cells by machine code: see pyworker/loop.py.
	ShortcutLoop = "spawn-loop"
	// ShortcutSnapshot puts the zygote's memory into a file: see package snapshot. Unlike
	// the others it is taken only if [HostConfig] asks for it.
	ShortcutSnapshot = "snapshot"
)

// Shortcuts has the names of those that are taken unless [HostConfig] says otherwise.
var Shortcuts = []string{ShortcutLibcFork, ShortcutCgroupReuse, ShortcutPrintLog, ShortcutLoop}

// Shortcut says whether a jail takes a shortcut.
type Shortcut struct {
	Name string
	Why  string // it is not taken; empty: it is
	How  string // what it came to, if it is taken
	Held int64  // bytes of memory that it holds
}

const turnedOff, notAskedFor = "the setting no_shortcuts", "the setting snapshot"

// Shortcuts returns all of them, in the order of [Shortcuts], and then the snapshot.
func (j *Jail) Shortcuts() []Shortcut {
	fork := Shortcut{Name: ShortcutLibcFork, Why: j.hello.OSFork}
	if j.profile.Mode == protocol.ModeExec {
		fork.Why = "no cell is forked in spawn mode exec"
	}
	reuse := Shortcut{Name: ShortcutCgroupReuse, Why: turnedOff}
	if j.host.takes(reuse.Name) {
		reuse.Why = cgroup.WhyNotAgain(j.host.cgroup)
	}
	loop := Shortcut{Name: ShortcutLoop}
	switch {
	case !j.host.takes(loop.Name):
		loop.Why = turnedOff
	case j.snapshot.Bytes == 0:
		loop.Why = "it needs a snapshot"
	case j.zygote.cgroups == 0:
		loop.Why = "it needs a kernel that tells how a process ended (pidfd, Linux 6.15), and cgroups"
	case !j.zygote.loops.Load():
		loop.Why = "the zygote cannot: it needs C's fork and close_range(2)"
	}
	return []Shortcut{fork, reuse, {Name: ShortcutPrintLog, Why: j.hello.PrintThrough}, loop,
		{Name: ShortcutSnapshot, Why: j.noSnapshot, How: j.snapshot.String(), Held: j.snapshot.Bytes}}
}

// takes reports whether a shortcut may be taken.
func (h *Host) takes(shortcut string) bool { return !slices.Contains(h.without, shortcut) }
