package nsjail_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// The tests run real jails, so they need root. One host and one jail a mode
// serve them all; at the end nothing may be left of them.
var (
	theHost *nsjail.Host
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

func TestMain(m *testing.M) {
	if os.Geteuid() != 0 {
		fmt.Println("nsjail: these tests make real jails and need root")
		if os.Getenv("CI") != "" {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getenv("HOTCELL_TEST_STATE") != "" { // TestHelperInstance, which will be killed
		return m.Run()
	}
	if r, w, err := os.Pipe(); err == nil { // Go's poller, which stays, has its descriptors from here on
		_, _ = r.Close(), w.Close()
	}
	before := leftovers()
	var err error
	if theHost, err = nsjail.OpenHost(nsjail.HostConfig{StateDir: stateDir(), Log: testLog()}); err != nil {
		fmt.Println(err)
		return 1
	}
	code := m.Run()
	for _, jail := range jails {
		err = errors.Join(err, jail.Close())
	}
	if err = errors.Join(err, theHost.Close()); err != nil {
		fmt.Println(err)
		return 1
	}
	_ = os.RemoveAll(stateDir())
	for range 100 { // what ends has a moment to end
		if after := leftovers(); slices.Equal(before, after) {
			return code
		}
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Printf("left behind:\nbefore %v\nafter  %v\n", before, leftovers())
	buffer := make([]byte, 1<<16)
	fmt.Printf("%s\n", buffer[:runtime.Stack(buffer, true)])
	return 1
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

// leftovers counts what a jail could leave behind: our descriptors and
// goroutines, our children, mounts, and cgroups of our name.
func leftovers() []string {
	fds, _ := os.ReadDir("/proc/self/fd")
	mounts, _ := os.ReadFile("/proc/self/mounts")
	children := 0
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, _ := os.ReadFile(stat)
		_, after, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == fmt.Sprint(os.Getpid()) {
			children++
		}
	}
	return []string{
		fmt.Sprint("descriptors ", len(fds)), fmt.Sprint("goroutines ", runtime.NumGoroutine()),
		fmt.Sprint("mounts ", strings.Count(string(mounts), "\n")), fmt.Sprint("children ", children),
		fmt.Sprint("cgroups ", len(ownCgroups())),
	}
}

// ownCgroups are the cgroups of this process' instances.
func ownCgroups() []string {
	var found []string
	lists, _ := filepath.Glob(filepath.Join(stateDir(), "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for root := range strings.Lines(string(text)) {
			_ = filepath.WalkDir(strings.TrimSpace(root), func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					found = append(found, path)
				}
				return nil
			})
		}
	}
	return found
}

// pythonEnv is the environment that make build makes.
func pythonEnv(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("HOTCELL_PYTHON"); dir != "" {
		return dir
	}
	dir, err := filepath.Abs("../build/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return dir
}

func profile(t testing.TB, mode protocol.Mode) nsjail.Profile {
	return nsjail.Profile{Name: "test", Mode: mode, Root: os.Getenv("HOTCELL_ROOT"), Python: pythonEnv(t), Preload: []string{"numpy", "pandas"}, Warmup: warmup, Limits: limits}
}

// theJail is the jail that tests of one mode share.
func theJail(t testing.TB, mode protocol.Mode) *nsjail.Jail {
	t.Helper()
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
	jail, err := theHost.StartJail(ctx, p)
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
