package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestASignalDrainsAndTheExitIsClean(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			s := startServing(t)
			answer := make(chan string, 1)
			go func() { answer <- s.execute("import time\ndef main():\n time.sleep(3)\n return 'done'") }()
			s.runs()
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
