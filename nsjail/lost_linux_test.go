package nsjail_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
)

// A cell that is lost before its script begins is reported as lost, and another cell
// can run the same job, on the same terminal.
func TestAJobWhoseCellIsLostBeforeItBeginsIsForAnotherCell(t *testing.T) {
	jail := newCgroupsJail(t)
	job := nsjail.Job{Script: "def main(): pass", Limits: limits}
	ways := map[string]func(*testing.T) func(*nsjail.Cell) (nsjail.Verdict, error){
		"a script": func(*testing.T) func(*nsjail.Cell) (nsjail.Verdict, error) {
			return func(cell *nsjail.Cell) (nsjail.Verdict, error) { return cell.Run(t.Context(), job) }
		},
		"a session's call": func(*testing.T) func(*nsjail.Cell) (nsjail.Verdict, error) {
			return func(cell *nsjail.Cell) (nsjail.Verdict, error) { return cell.Call(t.Context(), t.Context(), job) }
		},
		"a terminal": func(t *testing.T) func(*nsjail.Cell) (nsjail.Verdict, error) {
			terminal, err := jail.OpenTerminal(80, 24)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = terminal.Close() })
			return func(cell *nsjail.Cell) (nsjail.Verdict, error) { return cell.RunTerminal(t.Context(), job, terminal) }
		},
	}
	losses := map[string]func(*testing.T, *nsjail.Cell) (over func()){
		"it died": func(t *testing.T, cell *nsjail.Cell) func() {
			kill(t, cell.PID())
			<-cell.Gone()
			return func() {}
		},
		"there was no descriptor to count with": func(t *testing.T, _ *nsjail.Cell) func() { return withoutDescriptors(t) },
	}
	for way, open := range ways {
		for loss, lose := range losses {
			t.Run(way+", "+loss, func(t *testing.T) {
				run, first, second := open(t), spawn(t, jail), spawn(t, jail)
				over := lose(t, first)
				_, err := run(first)
				over()
				if !errors.Is(err, nsjail.ErrCellLost) {
					t.Fatalf("it ended with %v", err)
				}
				if verdict, err := run(second); err != nil || verdict.Status != protocol.StatusOK {
					t.Errorf("another cell: %s, %v", verdict.Status, err)
				}
			})
		}
	}
}

// A shortage that passes, and a call that is too large, take nothing from a session. One that
// has had a call keeps open what it counts with: it may begin another, if its weight stays.
func TestACallThatCannotBeginLeavesTheSession(t *testing.T) {
	s := calls{t, spawn(t, newCgroupsJail(t))}
	begun := 0
	for _, had := range []bool{false, true} {
		given := false
		over := withoutDescriptors(t)
		other := limits
		other.MemoryBytes += 1 << 20
		_, called := s.cell.Call(t.Context(), t.Context(), nsjail.Job{Script: "1", Limits: limits})
		_, again := s.cell.Call(t.Context(), t.Context(), nsjail.Job{Script: "1", Limits: other})
		verdict, moved := s.cell.Files(t.Context(), limits, func(*transfer.Files) error { given = true; return nil })
		over()
		large := nsjail.Job{Script: strings.Repeat(" ", protocol.MaxRunBytes+1), Limits: limits}
		_, tooLarge := s.cell.Call(t.Context(), t.Context(), large)
		for name, end := range map[string]struct {
			err    error
			begins bool // it may
		}{"a call": {called, had}, "files": {moved, had}, "other limits": {again, false}, "a large call": {tooLarge, false}} {
			if !errors.Is(end.err, nsjail.ErrNotBegun) && (end.err != nil || !end.begins) {
				t.Errorf("after a call %t: %s ended with %v", had, name, end.err)
			}
		}
		if called == nil {
			begun++
		}
		if given != (moved == nil) || verdict.Ended {
			t.Errorf("after a call %t: the files were given out: %t, and it ended: %t", had, given, verdict.Ended)
		}
		if !errors.Is(tooLarge, protocol.ErrTooLarge) {
			t.Error(tooLarge)
		}
		if err := s.put("file", "content"); err != nil {
			t.Error(err)
		}
		if got := s.call("open('file').read()"); string(got.Result) != `"content"` {
			t.Errorf("%s %+v", got.Result, got.Error)
		}
	}
	if got := s.call("\n1 / 0"); got.Error == nil || !strings.Contains(got.Error.Traceback, fmt.Sprintf(`"script-%d.py", line 2`, 3+begun)) {
		t.Errorf("calls that did not begin are counted, of which %d did: %+v", begun, got.Error)
	}
}

// newCgroupsJail returns a jail whose cells have new cgroups, and so need descriptors to
// begin: one that is used again keeps its files open.
func newCgroupsJail(t *testing.T) *nsjail.Jail {
	t.Helper()
	host, _ := ownHost(t, nsjail.ShortcutCgroupReuse)
	jail, err := host.StartJail(t.Context(), profile(t, protocol.ModeFork))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jail.Close() })
	return jail
}

// withoutDescriptors leaves this process no free descriptors until over is called.
func withoutDescriptors(t *testing.T) (over func()) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	// All below are open, and stay so whatever else is closed meanwhile.
	lower := unix.Rlimit{Cur: uint64(os.Stderr.Fd()) + 1, Max: before.Max}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, &lower, nil); err != nil {
		t.Fatal(err)
	}
	return func() { _ = unix.Prlimit(0, unix.RLIMIT_NOFILE, &before, nil) }
}
