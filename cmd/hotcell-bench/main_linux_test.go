package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// The test runs the program as a user does: this test binary turns into it.
func TestMain(m *testing.M) {
	if os.Getenv("HOTCELL_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestAServiceThatRefusesOrIsNotThereIsNotMeasured(t *testing.T) {
	keyed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"status":401,"code":"unauthorized","title":"A key is required","detail":"none was sent"}`)
	}))
	defer keyed.Close()
	for _, c := range []struct {
		url    string
		status int
		stderr string // a part
	}{
		{keyed.URL, 2, "A key is required: none was sent\nhint: requests of the benchmark have no key"},
		{"http://127.0.0.1:1", 125, "connection refused\nhint: nothing listens there"},
		{"127.0.0.1:8080", 2, "invalid server URL"},
	} {
		cmd := exec.Command(os.Args[0], "--scenario", "sequential", "--url", c.url)
		cmd.Env = append(os.Environ(), "HOTCELL_TEST_MAIN=1")
		if status, stdout, stderr := testkit.Outcome(t, cmd); status != c.status || stdout != "" || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: %d\nstdout: %s\nstderr: %s", c.url, status, stdout, stderr)
		}
	}
}
