package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestASignalDrainsAndTheExitIsClean(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			s := startServing(t)
			answer := make(chan string, 1)
			go func() { answer <- s.execute("import time\ndef main():\n time.sleep(3)\n return 'done'") }()
			s.Eventually("it runs, or has run", func() bool { return s.running() || len(answer) > 0 })
			s.Signal(signal)
			if err := s.Wait(); err != nil {
				t.Errorf("%v\n%s", err, s.Log)
			}
			if text := <-answer; !strings.Contains(text, `"result":"done"`) {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestASecondSignalDoesNotWait(t *testing.T) {
	s := startServing(t, "--drain-grace", "1h", "--limits-default-wall", "1m")
	answer := make(chan string, 1)
	go func() { answer <- s.execute("import time\ndef main(): time.sleep(50)") }()
	s.runs()
	s.Signal(syscall.SIGTERM)
	testkit.Eventually(t, "it drains", func() bool {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable
	}, nil)
	s.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Log)
	}
	if text := <-answer; strings.Contains(text, `"stdout"`) {
		t.Errorf("the script ended by itself: %s", text)
	}
}

// Any number of signals ends it as two do. The kernel sends several when a parent with
// threads dies.
func TestMoreSignalsLeaveNothingBehind(t *testing.T) {
	s := startServing(t, "--drain-grace", "1h", "--limits-default-wall", "1m")
	go s.execute("import time\ndef main(): time.sleep(50)")
	s.runs()
	groups := cgroups(t)
	for ended := false; !ended; {
		_ = s.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case <-s.Done:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Log)
	}
	if len(groups) == 0 {
		t.Error("no cgroups")
	}
	for _, group := range groups {
		if _, err := os.Stat(group); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", group, err)
		}
	}
}

// The kernel keeps the parent-death signal for each thread of the service, and sends it
// when the parent's thread that has started the service ends. Several are started, since
// Go executes a program on any of its threads unless it is told which.
func TestAServiceEndsWithItsParent(t *testing.T) {
	testkit.NeedsJails(t)
	var services []*testkit.Program
	started, end := make(chan bool), make(chan bool)
	go func() {
		runtime.LockOSThread() // the thread ends with this function
		for range 4 {
			cmd := hotcell(t, "serve", "--listen", "127.0.0.1:0", "--pool-size", "1")
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
			services = append(services, testkit.Start(t, cmd))
		}
		close(started)
		<-end
	}()
	<-started
	for _, s := range services {
		s.Eventually("it serves", func() bool { return strings.Contains(s.Log.String(), "msg=serving") })
	}
	close(end)
	for _, s := range services {
		if err := s.Wait(); err != nil {
			t.Errorf("%v\n%s", err, s.Log)
		}
	}
}

func TestAnAddressInUseHasAHint(t *testing.T) {
	s := startServing(t)
	status, _, stderr := testkit.Outcome(t, hotcell(t, "serve", "--listen", strings.TrimPrefix(s.URL, "http://")))
	if status != 125 || !strings.Contains(stderr, "\nhint: another program listens there") {
		t.Errorf("%d %s", status, stderr)
	}
	s.stop()
}

// The next instance removes what a killed instance has left.
func TestAStartAfterAKillCleansUp(t *testing.T) {
	first := startServing(t)
	go first.execute("import os, time\ndef main():\n os.fork(); time.sleep(60)")
	first.runs()
	groups := cgroups(t)
	if len(groups) == 0 {
		t.Fatal("no cgroups")
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()

	second := startServing(t)
	if !strings.Contains(second.execute("def main(): return 'second'"), `"result":"second"`) {
		t.Error("the second does not answer")
	}
	for _, group := range groups {
		if _, err := os.Stat(group); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", group, err)
		}
	}
	second.stop()
}

// cgroups returns the cgroups of this test's instances.
func cgroups(t *testing.T) []string {
	t.Helper()
	lists, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()), t.Name(), "*", "cgroups"))
	var all []string
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Fields(string(text))...)
	}
	return all
}
