package nsjail_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// loopJail starts a jail whose zygote makes cells by machine code, where the kernel can.
func loopJail(t *testing.T, edits ...[3]string) *nsjail.Jail {
	t.Helper()
	host, worker := testjail.SnapshotHost(t)
	for _, edit := range edits { // a file of the worker, and what is replaced in it
		replaceIn(t, filepath.Join(worker, edit[0]), edit[1], edit[2])
	}
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "def main(): return [list(range(1000)) for _ in range(100)]"
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jail.Close() })
	switch why := whyNot(t, jail, nsjail.ShortcutLoop); {
	case strings.Contains(why, "Linux 6.15") || strings.Contains(why, "no_shortcuts") || strings.Contains(why, "needs a snapshot") && whyNot(t, jail, nsjail.ShortcutSnapshot) != "":
		t.Skip(why)
	case why != "":
		t.Fatal(why)
	}
	return jail
}

func TestACellOfTheLoopEndsAsItDoes(t *testing.T) {
	jail := loopJail(t)
	for _, c := range []struct {
		script, signal string
		status         protocol.Status
		code           int
	}{
		{"import os\ndef main(): os._exit(7)", "", protocol.StatusExited, 7},
		{"import ctypes\ndef main(): ctypes.string_at(0)", "SIGSEGV", protocol.StatusKilled, -1},
		{"import os\ndef main(): os.abort()", "SIGABRT", protocol.StatusKilled, -1},
		{"import os, signal\ndef main():\n    signal.signal(signal.SIGCHLD, signal.default_int_handler) if signal.getsignal(signal.SIGCHLD) != signal.SIG_DFL else None\n    pid = os.fork()\n    if not pid: os._exit(3)\n    os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))", "", protocol.StatusExited, 3},
	} {
		verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: c.script, Limits: limits})
		code := -1
		if verdict.ExitCode != nil {
			code = *verdict.ExitCode
		}
		if err != nil || verdict.Status != c.status || verdict.Signal != c.signal || code != c.code {
			t.Errorf("%s: %v %s %s %d %s", c.script, err, verdict.Status, verdict.Signal, code, verdict.Stderr)
		}
	}
}

// A call of the loop that fails costs one cell: the zygote says which, forgets its descriptors, and goes on.
func TestTheLoopGoesOnAfterACallThatFails(t *testing.T) {
	t.Run("with Landlock", func(t *testing.T) { failCalls(t, loopJail(t), "receive SPAWN", "landlock", "fork") })
	t.Run("without", func(t *testing.T) {
		failCalls(t, loopJail(t, [3]string{"landlock.py", "    if policy:", "    if False:"}), "receive SPAWN", "fork")
	})
}

// failCalls makes calls fail, as a cell's descriptors have no place, and expects these steps; and then as the zygote may not fork.
func failCalls(t *testing.T, jail *nsjail.Jail, steps ...string) {
	open := func() int {
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", jail.ZygotePID()))
		if err != nil || len(links) == 0 {
			t.Fatal(err)
		}
		return len(links)
	}
	works := func() {
		t.Helper()
		if verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: "def main(): return 1", Limits: limits}); err != nil || string(verdict.Result) != "1" {
			t.Fatalf("%v %s", err, verdict.Result)
		}
	}
	works()
	before := open()
	limit := func(resource int, most uint64) (restore func()) {
		var old unix.Rlimit
		if err := unix.Prlimit(jail.ZygotePID(), resource, nil, &old); err != nil {
			t.Fatal(err)
		}
		if err := unix.Prlimit(jail.ZygotePID(), resource, &unix.Rlimit{Cur: most, Max: old.Max}, nil); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := unix.Prlimit(jail.ZygotePID(), resource, &old, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	var failed []string
	try := func(resource int, most uint64) bool {
		defer limit(resource, most)()
		cell, err := jail.Spawn(t.Context())
		if err == nil {
			_ = cell.Close()
			return false
		}
		_, step, _ := strings.Cut(err.Error(), `"test": `)
		step, _, _ = strings.Cut(step, ":")
		if strings.Contains(err.Error(), "Failed:") {
			t.Errorf("%v", err)
		}
		failed = append(failed, step)
		return true
	}
	for most := uint64(3); try(unix.RLIMIT_NOFILE, most); most++ { // more descriptors have a place each time
		if now := open(); now != before {
			t.Fatalf("the zygote has %d descriptors instead of %d", now, before)
		}
	}
	// Those of the cell's own may follow, which has the same limit.
	if failed = slices.Compact(failed); len(failed) < len(steps) || !slices.Equal(failed[:len(steps)], steps) {
		t.Errorf("failed: %q instead of %q", failed, steps)
	}
	works()
	for range 20 {
		if !try(unix.RLIMIT_NPROC, 1) || failed[len(failed)-1] != "fork" {
			t.Fatalf("failed: %q", failed)
		}
	}
	works()
	if now := open(); now != before {
		t.Errorf("the zygote has %d descriptors instead of %d", now, before)
	}
}

func TestTheLoopCanBeTurnedOff(t *testing.T) {
	host, _ := ownHost(t, nsjail.ShortcutLoop)
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "def main(): pass"
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if why := whyNot(t, jail, nsjail.ShortcutLoop); !strings.Contains(why, "no_shortcuts") {
		t.Errorf("%q", why)
	}
	if verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: "import os\ndef main(): os._exit(5)", Limits: limits}); err != nil || verdict.ExitCode == nil || *verdict.ExitCode != 5 {
		t.Errorf("%v %+v", err, verdict)
	}
}
