package nsjail_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func kill(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}

// A failed start says at which step it failed, and why.
func TestAFailedStartNamesItsStep(t *testing.T) {
	testkit.NeedsJails(t)
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.MkdirAll(filepath.Join(closed, "env"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", testkit.Python(t)+"/bin", testkit.Python(t)+"/pyvenv.cfg", closed+"/env/").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		change func(*nsjail.Profile)
		want   string
	}{
		{"no such module", func(p *nsjail.Profile) { p.Preload = []string{"numpy", "nosuch"} }, "import nosuch: ModuleNotFoundError"},
		{"a module that raises", func(p *nsjail.Profile) { p.Preload = []string{"antigravity.x"} }, "import antigravity.x"},
		{"a warm-up that raises", func(p *nsjail.Profile) { p.Warmup = "def main(): 1/0" }, "warm up: RuntimeError: the warm-up script ended with exception"},
		{"a warm-up without main", func(p *nsjail.Profile) { p.Warmup = "" }, "ended with no_main"},
		{"a warm-up that exits", func(p *nsjail.Profile) { p.Warmup = "import sys\ndef main(): sys.exit(3)" }, "warm up: Exit"},
		{"a thread in the zygote", func(p *nsjail.Profile) {
			p.Warmup = "import threading, time\nif threading.active_count() == 1: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()\ndef main(): pass"
		}, `the zygote has 2 threads after its imports, and a fork keeps only one: "warm up" started thread "python3"`},
		{"no environment", func(p *nsjail.Profile) { p.Python = "/nosuch" }, `python environment "/nosuch"`},
		{"no virtual environment", func(p *nsjail.Profile) { p.Python = "/usr" }, "no pyvenv.cfg"},
		{"an environment that others cannot enter", func(p *nsjail.Profile) { p.Python = closed + "/env" }, "the jail's user cannot pass it"},
		{"no nsjail", func(p *nsjail.Profile) { p.Nsjail = "/nosuch/nsjail" }, `the setting nsjail names no program that can run: exec: "/nosuch/nsjail"`},
		{"an nsjail that is none", func(p *nsjail.Profile) { p.Nsjail = "/usr/bin/false" }, "the jail hung up: /usr/bin/false ended: exit status 1"},
		{"no such mode", func(p *nsjail.Profile) { p.Mode = "thread" }, `spawn mode "thread"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := profile(t, protocol.ModeFork)
			c.change(&p)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			jail, err := sharedHost(t).StartJail(ctx, p)
			if err == nil {
				_ = jail.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// A thread that a library starts is named by the import, the thread and the library.
func TestAThreadOfALibraryIsNamed(t *testing.T) {
	host, worker := ownHost(t)
	// OpenBLAS, which numpy brings along, starts a thread.
	module := "import ctypes, glob\nctypes.CDLL(glob.glob('/env/lib/python3*/site-packages/numpy.libs/libscipy_openblas*')[0]).scipy_openblas_set_num_threads64_(2)\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(worker), "starter.py"), []byte(module), 0o644); err != nil {
		t.Fatal(err)
	}
	p := profile(t, protocol.ModeFork)
	p.Preload = []string{"numpy", "starter", "pandas"}
	jail, err := host.StartJail(t.Context(), p)
	if err == nil {
		_ = jail.Close()
		t.Fatal("it started")
	}
	for _, want := range []string{`"import starter" started thread "`, "numpy.libs/libscipy_openblas", "the setting environment"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

func TestVariablesOfAProfileReachItsScripts(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		p := profile(t, mode)
		p.Preload, p.Warmup = nil, "def main(): pass"
		p.Environment = []string{"EDITION=a = b", "TZ=Asia/Tokyo"}
		jail, err := sharedHost(t).StartJail(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		defer jail.Close()
		verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: "import os, time\ndef main(): return [os.environ['EDITION'], time.strftime('%Z'), os.environ['LANG']]", Limits: limits})
		if err != nil || string(verdict.Result) != `["a = b","JST","C.UTF-8"]` {
			t.Errorf("%v %s %+v", err, verdict.Result, verdict.Error)
		}
	})
}

func TestAStartThatHangsEndsWithItsContext(t *testing.T) {
	p := profile(t, protocol.ModeFork)
	p.Warmup = "import time\ntime.sleep(60)\ndef main(): pass"
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	jail, err := sharedHost(t).StartJail(ctx, p)
	if err == nil {
		_ = jail.Close()
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestWhenTheZygoteDiesItsCellsGoAndTheJailSaysSo(t *testing.T) {
	jail := startJail(t, profile(t, protocol.ModeFork))
	defer jail.Close()
	cell := spawn(t, jail)
	kill(t, jail.ZygotePID())
	<-jail.Done()
	<-cell.Gone()
	if err := jail.Err(); err == nil || !strings.Contains(err.Error(), "SIGKILL") {
		t.Errorf("the jail says %v", err)
	}
	if _, err := jail.Spawn(t.Context()); err == nil {
		t.Error("a dead jail made a cell")
	}
}

// A cell may die at any moment while it is made. That is an error, and nothing worse.
func TestCellsThatAreKilledWhileTheyAreMade(t *testing.T) {
	jail := startJail(t, profile(t, protocol.ModeFork))
	defer jail.Close()
	stop := make(chan struct{})
	killed := make(chan int)
	go func() {
		count := 0
		for {
			select {
			case <-stop:
				killed <- count
				return
			default:
			}
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", jail.ZygotePID(), jail.ZygotePID()))
			for _, child := range strings.Fields(string(children)) {
				if pid, err := strconv.Atoi(child); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
					count++
				}
			}
		}
	}()
	failed := 0
	for n := 0; n < 60 || failed == 0 && n < 10_000; n++ { // the others may have the processors for a while
		cell, err := jail.Spawn(t.Context())
		if err != nil {
			failed++
			continue
		}
		_ = cell.Close()
	}
	close(stop)
	if count := <-killed; failed == 0 || count == 0 {
		t.Errorf("%d killed, %d failed: nothing was tried", count, failed)
	}
}

func TestAStoppedZygoteMakesSpawnGiveUpWithItsContext(t *testing.T) {
	jail := startJail(t, profile(t, protocol.ModeFork))
	defer jail.Close()
	if err := syscall.Kill(jail.ZygotePID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := jail.Spawn(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	if err := syscall.Kill(jail.ZygotePID(), syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	spawn(t, jail) // and goes on when it does
}

// ownCgroup starts cmd in a cgroup of its own under version 2: ours, which belongs to
// an instance already, cannot have controllers for another one.
func ownCgroup(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err != nil {
		return
	}
	dir := fmt.Sprintf("/sys/fs/cgroup/hotcell-victim-%d", os.Getpid())
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(file.Fd())}
	t.Cleanup(func() {
		_ = file.Close()
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
}

func TestASecondInstanceRemovesWhatAKilledOneLeft(t *testing.T) {
	testkit.NeedsJails(t)
	state, err := os.MkdirTemp("", "hotcell-second-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(state)
	victim := exec.Command(os.Args[0]) // this test program: see helperInstance
	victim.Env = append(os.Environ(), helperState+"="+state, "HOTCELL_PYTHON="+testkit.Python(t))
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	ownCgroup(t, victim)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make([]byte, 6)
	if _, err := out.Read(ready); err != nil || string(ready) != "ready\n" {
		t.Fatalf("%q %v", ready, err)
	}
	lists, _ := filepath.Glob(filepath.Join(state, "*", "cgroups"))
	if len(lists) != 1 {
		t.Fatalf("the instance has no list of its cgroups: %v", lists)
	}
	text, _ := os.ReadFile(lists[0])
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	host, err := nsjail.OpenHost(nsjail.HostConfig{StateDir: state, Log: testLog()})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	for dir := range strings.Lines(string(text)) {
		if _, err := os.Stat(strings.TrimSpace(dir)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there", dir)
		}
	}
	if _, err := os.Stat(filepath.Dir(lists[0])); !errors.Is(err, os.ErrNotExist) {
		t.Error("its directory is still there")
	}
}

// helperState is the variable that makes this test program an instance with that
// state directory, which another test kills.
const helperState = "HOTCELL_TEST_STATE"

// helperInstance makes a jail and a cell, says so, and waits to be killed.
func helperInstance(state string) int {
	err := func() error {
		host, err := nsjail.OpenHost(nsjail.HostConfig{StateDir: state})
		if err != nil {
			return err
		}
		p := nsjail.Profile{Name: "test", Mode: protocol.ModeFork, Root: os.Getenv("HOTCELL_ROOT"), Python: os.Getenv("HOTCELL_PYTHON"), Warmup: warmup, Limits: limits}
		jail, err := host.StartJail(context.Background(), p)
		if err != nil {
			return err
		}
		_, err = jail.Spawn(context.Background())
		return err
	}()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	_, _ = os.Stdout.WriteString("ready\n")
	time.Sleep(time.Hour)
	return 0
}

func TestAStateDirectoryThatJailsCannotReachIsRefused(t *testing.T) {
	testkit.NeedsJails(t)
	state, err := os.MkdirTemp("", "hotcell-closed-") // mode 0700
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(state)
	if _, err := nsjail.OpenHost(nsjail.HostConfig{StateDir: state}); err == nil || !strings.Contains(err.Error(), "cannot pass") {
		t.Errorf("%v", err)
	}
}
