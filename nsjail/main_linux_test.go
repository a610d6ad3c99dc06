package nsjail_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// The tests run real jails, so they need root. One host and one jail a mode
// serve them all; at the end nothing may be left of them.
var (
	theHost *nsjail.Host // use sharedHost
	hostMu  sync.Mutex
	jailsMu sync.Mutex
	jails   = map[protocol.Mode]*nsjail.Jail{}
)

const warmup = `import pandas as pd
def main():
    data = pd.DataFrame({"numbers": [1, 2, 3, 4, 5]})
    return {"mean": data["numbers"].mean(), "max": data["numbers"].max()}
`

// slowness multiplies limits of time where the machine is not a real one.
var slowness = func() time.Duration {
	n, err := strconv.Atoi(os.Getenv("HOTCELL_TEST_SLOWNESS"))
	if err != nil {
		return 1
	}
	return time.Duration(n)
}()

var limits = nsjail.Limits{
	Wall: slowness * 10 * time.Second, CPU: slowness * 10 * time.Second, MemoryBytes: 256 << 20,
	OutputBytes: 1 << 20, ResultBytes: 4 << 20, DiskBytes: 64 << 20, Processes: 32, FilesBytes: 4 << 20,
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if state := os.Getenv(helperState); state != "" {
		return helperInstance(state)
	}
	leftovers := testkit.WatchLeftovers(stateDir())
	code := m.Run()
	var err error
	for _, jail := range jails {
		err = errors.Join(err, jail.Close())
	}
	if theHost != nil {
		err = errors.Join(err, theHost.Close())
	}
	_ = os.Remove(stateDir())
	if err = errors.Join(err, leftovers.Check()); err != nil {
		fmt.Println(err)
		return 1
	}
	return code
}

// sharedHost is the one that all tests share.
func sharedHost(t testing.TB) *nsjail.Host {
	t.Helper()
	testkit.NeedsJails(t)
	hostMu.Lock()
	defer hostMu.Unlock()
	if theHost == nil {
		var err error
		if theHost, err = nsjail.OpenHost(nsjail.HostConfig{StateDir: stateDir(), Log: testLog()}); err != nil {
			t.Fatal(err)
		}
	}
	return theHost
}

func stateDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()))
}

func testLog() *slog.Logger {
	if os.Getenv("HOTCELL_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

func profile(t testing.TB, mode protocol.Mode) nsjail.Profile {
	t.Helper()
	testkit.NeedsJails(t)
	return nsjail.Profile{Name: "test", Mode: mode, Root: os.Getenv("HOTCELL_ROOT"), Python: testkit.Python(t), Preload: []string{"numpy", "pandas"}, Warmup: warmup, Limits: limits}
}

// theJail is the jail that tests of one mode share.
func theJail(t testing.TB, mode protocol.Mode) *nsjail.Jail {
	t.Helper()
	testkit.NeedsJails(t)
	jailsMu.Lock()
	defer jailsMu.Unlock()
	if jails[mode] == nil {
		jails[mode] = startJail(t, profile(t, mode))
	}
	return jails[mode]
}

// startJail does not close it.
func startJail(t testing.TB, p nsjail.Profile) *nsjail.Jail {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	jail, err := sharedHost(t).StartJail(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	return jail
}

func spawn(t testing.TB, jail *nsjail.Jail) *nsjail.Cell {
	t.Helper()
	cell, err := jail.Spawn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cell.Close(); err != nil {
			t.Error(err)
		}
	})
	return cell
}

// execute runs a script in a fresh cell.
func execute(t testing.TB, mode protocol.Mode, job nsjail.Job) nsjail.Verdict {
	t.Helper()
	if job.Limits == (nsjail.Limits{}) {
		job.Limits = limits
	}
	verdict, err := spawn(t, theJail(t, mode)).Run(context.Background(), job)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

func bothModes(t *testing.T, test func(t *testing.T, mode protocol.Mode)) {
	modes := []protocol.Mode{protocol.ModeFork, protocol.ModeExec}
	if only := os.Getenv("HOTCELL_TEST_MODE"); only != "" {
		modes = []protocol.Mode{protocol.Mode(only)}
	}
	for _, mode := range modes {
		t.Run(string(mode), func(t *testing.T) { test(t, mode) })
	}
}
