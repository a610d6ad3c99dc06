// Package testjail provides the host and the jails that the tests of a package share.
// Only tests import it.
package testjail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// One host, and one jail for each mode, serve all tests of a package.
var (
	theHost *nsjail.Host // use [Host]
	hostMu  sync.Mutex
	jailsMu sync.Mutex
	jails   = map[protocol.Mode]*nsjail.Jail{}
)

// Warmup is the warm-up script of [Profile].
const Warmup = `import pandas as pd
def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
`

// ThreadsWarmup leaves three threads, as libraries do that start theirs when they are loaded.
const ThreadsWarmup = `import threading, time
for _ in range(3 - threading.active_count()): threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
def main(): pass
`

// Slowness multiplies time limits on slow machines, such as emulated ones.
var Slowness = func() time.Duration {
	n, err := strconv.Atoi(os.Getenv("HOTCELL_TEST_SLOWNESS"))
	if err != nil {
		return 1
	}
	return time.Duration(n)
}()

// Limits are those of [Profile], and the default of jobs.
var Limits = nsjail.Limits{
	Wall: Slowness * 30 * time.Second, CPU: Slowness * 30 * time.Second, MemoryBytes: 256 << 20,
	OutputBytes: 1 << 20, ResultBytes: 4 << 20, DiskBytes: 64 << 20, Processes: 32, FilesBytes: 4 << 20, OutputsBytes: 4 << 20,
}

// Main runs a package's tests, for TestMain, and returns the exit status. That is not
// 0 if the tests left something behind.
func Main(m *testing.M) int {
	leftovers := testkit.WatchLeftovers(StateDir())
	code := m.Run()
	var err error
	for _, jail := range jails {
		err = errors.Join(err, jail.Close())
	}
	if theHost != nil {
		err = errors.Join(err, theHost.Close())
	}
	_ = os.Remove(StateDir())
	if err = errors.Join(err, leftovers.Check()); err != nil {
		fmt.Println(err)
		return 1
	}
	return code
}

// Host returns the host that all tests share.
func Host(t testing.TB) *nsjail.Host {
	t.Helper()
	testkit.NeedsJails(t)
	hostMu.Lock()
	defer hostMu.Unlock()
	if theHost == nil {
		var err error
		if theHost, err = nsjail.OpenHost(nsjail.HostConfig{StateDir: StateDir(), Without: Without(), Snapshot: Snapshot(), Log: Log()}); err != nil {
			t.Fatal(err)
		}
	}
	return theHost
}

// Without has the shortcuts of HOTCELL_TEST_WITHOUT, separated by commas, which no jail takes.
func Without() []string {
	return strings.FieldsFunc(os.Getenv("HOTCELL_TEST_WITHOUT"), func(r rune) bool { return r == ',' })
}

// Snapshot reports whether jails take snapshots, as in hotcell. With HOTCELL_TEST_SNAPSHOT=no
// they take none, unless a test asks for one.
func Snapshot() bool { return os.Getenv("HOTCELL_TEST_SNAPSHOT") != "no" }

// StateDir returns the state directory of [Host].
func StateDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()))
}

// Log returns a logger that discards everything, unless HOTCELL_TEST_LOG is set.
func Log() *slog.Logger {
	if os.Getenv("HOTCELL_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// Profile returns the profile of [Jail].
func Profile(t testing.TB, mode protocol.Mode) nsjail.Profile {
	t.Helper()
	testkit.NeedsJails(t)
	return nsjail.Profile{Name: "test", Mode: mode, Root: os.Getenv("HOTCELL_ROOT"), Python: testkit.Python(t), Preload: []string{"numpy", "pandas"}, Warmup: Warmup, Limits: Limits}
}

// Jail returns the jail that the tests of a mode share.
func Jail(t testing.TB, mode protocol.Mode) *nsjail.Jail {
	t.Helper()
	testkit.NeedsJails(t)
	jailsMu.Lock()
	defer jailsMu.Unlock()
	if jails[mode] == nil {
		jails[mode] = Start(t, Profile(t, mode))
	}
	return jails[mode]
}

// Start starts a jail. The caller closes it.
func Start(t testing.TB, p nsjail.Profile) *nsjail.Jail {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	jail, err := Host(t).StartJail(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return jail
}

// Spawn makes a cell, which is closed when the test ends.
func Spawn(t testing.TB, jail *nsjail.Jail) *nsjail.Cell {
	t.Helper()
	cell, err := jail.Spawn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(t, cell) })
	return cell
}

// Close closes a cell. What a busy machine has not ended by then is removed later; what
// stays is an error when the host is closed.
func Close(t testing.TB, cell *nsjail.Cell) {
	t.Helper()
	if err := cell.Close(); err != nil && !errors.Is(err, nsjail.ErrRemovedLater) {
		t.Error(err)
	}
}

// Execute runs a script in a fresh cell.
func Execute(t testing.TB, mode protocol.Mode, job nsjail.Job) nsjail.Verdict {
	t.Helper()
	if job.Limits == (nsjail.Limits{}) {
		job.Limits = Limits
	}
	verdict, err := Spawn(t, Jail(t, mode)).Run(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// BothModes runs a test in both spawn modes, or in that of HOTCELL_TEST_MODE.
func BothModes(t *testing.T, test func(t *testing.T, mode protocol.Mode)) {
	t.Helper()
	testkit.NeedsJails(t)
	modes := []protocol.Mode{protocol.ModeFork, protocol.ModeExec}
	if only := os.Getenv("HOTCELL_TEST_MODE"); only != "" {
		modes = []protocol.Mode{protocol.Mode(only)}
	}
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) { test(t, mode) })
	}
}

// OwnHost returns a host for one test, and the directory of its worker. Its jails take no
// shortcut that is in without.
func OwnHost(t *testing.T, without ...string) (*nsjail.Host, string) {
	t.Helper()
	return open(t, nsjail.HostConfig{Without: append(Without(), without...), Snapshot: Snapshot()})
}

// SnapshotHost returns a host for one test, whose jails take snapshots, and the directory of its worker.
func SnapshotHost(t *testing.T) (*nsjail.Host, string) {
	t.Helper()
	return open(t, nsjail.HostConfig{Without: Without(), Snapshot: true})
}

func open(t *testing.T, cfg nsjail.HostConfig) (*nsjail.Host, string) {
	t.Helper()
	testkit.NeedsJails(t)
	state, err := os.MkdirTemp("", "hotcell-own-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg.StateDir, cfg.Log = state, Log()
	host, err := nsjail.OpenHost(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(state)
	})
	found, _ := filepath.Glob(filepath.Join(state, "hotcell-*", "worker", "pyworker"))
	if len(found) != 1 {
		t.Fatal("no worker's directory")
	}
	return host, found[0]
}

// ReplaceIn replaces a text in a file. The test fails if the file does not contain
// it.
func ReplaceIn(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s does not have %q any more", file, from)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil { // #nosec G703 -- a file of the host that the test has made
		t.Fatal(err)
	}
}

// NsjailWith returns an nsjail that reads a changed configuration.
func NsjailWith(t *testing.T, program string) string {
	t.Helper()
	real, err := filepath.Glob(testkit.Python(t) + "/lib/python3*/site-packages/nsjail/bin/nsjail")
	if err != nil || len(real) != 1 {
		t.Fatalf("%v %v", real, err)
	}
	script := filepath.Join(t.TempDir(), "nsjail")
	text := "#!/usr/bin/python3\nimport os\ntext = open('/proc/self/fd/3').read()\nbefore = text\n" + program +
		"assert text != before, 'nothing changed'\nfd = os.memfd_create('changed', 0)\nos.write(fd, text.encode())\nos.set_inheritable(fd, True)\n" +
		fmt.Sprintf("os.execv(%q, ['nsjail', '--config', f'/proc/self/fd/{fd}'])\n", real[0])
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return script
}
