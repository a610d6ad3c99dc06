package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// The tests run the program as a user does: this test binary turns into it.
func TestMain(m *testing.M) {
	if os.Getenv("HOTCELL_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// hotcell returns a command line, not yet started, with directories of its own.
func hotcell(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "HOTCELL_TEST_MAIN=1", "GORACE=atexit_sleep_ms=0", "HOTCELL_PYTHON="+testkit.PythonPath(), "HOTCELL_PRELOAD=")
	dir := stateDir(t)
	cmd.Env = append(cmd.Env, "HOTCELL_STATE_DIR="+dir, "HOTCELL_JOBS_DIR="+dir+"-jobs")
	return cmd
}

func stateDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()), strings.ReplaceAll(t.Name(), "/", "-"))
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left in the state directory: %v", left)
		}
		_ = os.RemoveAll(filepath.Dir(dir))
	})
	return dir
}

// serving is a running `hotcell serve`.
type serving struct {
	*testkit.Server
	t *testing.T
}

func startServing(t *testing.T, flags ...string) *serving {
	t.Helper()
	testkit.NeedsJails(t)
	return start(t, hotcell(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--pool-size", "2"}, flags...)...))
}

// start starts a service, and waits until it is ready.
func start(t *testing.T, cmd *exec.Cmd) *serving {
	t.Helper()
	return &serving{Server: testkit.Serve(t, cmd), t: t}
}

// stop stops the server, which must drain and exit without an error.
func (s *serving) stop() {
	s.t.Helper()
	_ = s.Process.Signal(syscall.SIGTERM) // it may have ended
	if err := s.Wait(); err != nil {
		s.t.Errorf("serve: %v", err)
	}
}

// runs waits until a request's script has a cell.
func (s *serving) runs() {
	s.t.Helper()
	testkit.Eventually(s.t, "a script runs", s.running, nil)
}

func (s *serving) running() bool {
	response, err := http.Get(s.URL + "/metrics")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return bytes.Contains(text, []byte("\nhotcell_running 1\n"))
}

// execute runs a script, and returns "" if the connection broke.
func (s *serving) execute(script string) string { return s.executeIn("default", script) }

// executeIn runs a script in a profile.
func (s *serving) executeIn(profile, script string) string {
	body, err := json.Marshal(map[string]string{"script": script, "profile": profile})
	if err != nil {
		s.t.Error(err)
	}
	response, err := http.Post(s.URL+"/execute", "application/json", bytes.NewReader(body))
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	_, _ = answer.ReadFrom(response.Body)
	return answer.String()
}
