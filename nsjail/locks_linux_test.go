package nsjail_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// A cell locks a file that it shares with the host in every possible way. While it
// holds these locks, the host can take all of them.
func TestLocksOfACellReachNoOther(t *testing.T) {
	const shared = "/usr/bin/env"
	file, err := os.Open(filepath.Join(os.Getenv("HOTCELL_ROOT"), shared))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cell := spawn(t, theJail(t, protocol.ModeFork))
	got, err := cell.Run(t.Context(), nsjail.Job{Limits: limits, Script: `
import fcntl, os, struct
def main():
    flock, posix, ofd = (os.open("/usr/bin/env", os.O_RDONLY) for _ in range(3))
    fcntl.flock(flock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(posix, fcntl.LOCK_SH | fcntl.LOCK_NB)
    fcntl.fcntl(ofd, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
    asked = fcntl.fcntl(posix, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
    return struct.unpack("hhqqi4x", asked)[0] == fcntl.F_UNLCK`})
	if err != nil || string(got.Result) != "true" {
		t.Fatalf("%v %s %+v %s", err, got.Status, got.Error, got.Result)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Errorf("flock on the host: %v", err)
	}
	for _, command := range []int{unix.F_GETLK, unix.F_OFD_GETLK} {
		lock := unix.Flock_t{Type: unix.F_WRLCK}
		if err := unix.FcntlFlock(file.Fd(), command, &lock); err != nil || lock.Type != unix.F_UNLCK {
			t.Errorf("the host finds a lock: %+v, %v", lock, err)
		}
	}
}

// Programs that use locks within one process still work: two connections of sqlite,
// in both of its modes, of which one waits for the other's transaction.
func TestSqliteInOneProcessOfACell(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: `
import sqlite3, threading
def main():
    outcome = []
    for mode in ("delete", "wal"):
        def connect():
            return sqlite3.connect(f"{mode}.db", timeout=5, isolation_level=None, check_same_thread=False)
        first, second = connect(), connect()
        outcome.append(first.execute(f"pragma journal_mode={mode}").fetchone()[0])
        first.execute("create table t (n)")
        first.execute("begin immediate")
        first.execute("insert into t values (1)")
        try:
            sqlite3.connect(f"{mode}.db", timeout=0, isolation_level=None).execute("begin immediate")
            outcome.append("two write at once")
        except sqlite3.OperationalError as e:
            outcome.append(str(e))
        waiting = threading.Thread(target=lambda: second.execute("insert into t values (2)"))
        waiting.start()
        first.execute("commit")
        waiting.join()
        outcome.append(first.execute("select sum(n) from t").fetchone()[0])
        outcome.append(second.execute("pragma integrity_check").fetchone()[0])
    return outcome`})
	var outcome []any
	if err := json.Unmarshal(got.Result, &outcome); err != nil {
		t.Fatalf("%v: %s %+v", err, got.Status, got.Error)
	}
	want := []any{"delete", "database is locked", 3.0, "ok", "wal", "database is locked", 3.0, "ok"}
	if !slices.Equal(outcome, want) {
		t.Errorf("%v, want %v", outcome, want)
	}
}
