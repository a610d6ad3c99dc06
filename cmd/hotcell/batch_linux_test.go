package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/batchfile"
	"github.com/hotcell/hotcell/internal/testkit"
)

// playedBatches is a server for batches that runs nothing: the verdict on a case is its
// stdin, and after the case "stop" nothing comes any more.
func playedBatches(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Cases []struct{ Stdin string } }
		if r.Header.Get("Authorization") != "Bearer hc_known" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"status":401,"code":"unauthorized","title":"The key is not known","detail":"x"}`)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			panic(err)
		}
		for i, one := range body.Cases {
			if one.Stdin == "stop" {
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
				return
			}
			_, _ = fmt.Fprintf(w, `{"script":0,"case":%d,"verdict":%q,"answer":null,"problem":null}`+"\n", i, one.Stdin)
		}
		_, _ = fmt.Fprintln(w, `{"counts":{},"cases":1,"not_run":0,"problem":null}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestBatchTellsByItsExitStatus(t *testing.T) {
	url, dir := playedBatches(t), t.TempDir()
	script := filepath.Join(dir, "script.py")
	if err := os.WriteFile(script, []byte("print(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	accepted := `{"stdin":"accepted"}` + "\n"
	for _, c := range []struct {
		name, cases string
		args        []string
		status      int
		lines       int
		stderr      string // a part of it
	}{
		{"all accepted", accepted + "\n" + accepted, nil, 0, 2, "cases 2: 2 accepted\n"},
		{"no cases", "", nil, 0, 0, ""},
		{"one that is not", accepted + `{"stdin":"timeout"}`, nil, 1, 2, "cases 2: 1 accepted, 1 timeout\n"},
		{"one that the server could not run", accepted + `{"stdin":"infra_error"}`, nil, 125, 2, "the server could not run 1 of them"},
		{"a wrong line", accepted + `{"stdn":1}`, nil, 2, 0, `cases.ndjson: line 2: unknown field "stdn"`},
		{"no script", accepted, []string{"--script="}, 2, 0, "--script: "},
		{"a wrong limit", accepted, []string{"--limits", `{"wall":1}`}, 2, 0, "unknown field"},
		{"results that would go over the script", accepted, []string{"-o", script}, 2, 0, "is no result of hotcell batch"},
		{"an unknown key", accepted, []string{"--key-file", script}, 2, 0, "hotcell: The key is not known: x\nhint: set HOTCELL_KEY"},
	} {
		cases := filepath.Join(dir, "cases.ndjson")
		if err := os.WriteFile(cases, []byte(c.cases), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := hotcell(t, append(append([]string{"batch", "--script", script}, c.args...), cases, url)...)
		cmd.Env = append(cmd.Env, "HOTCELL_KEY=hc_known")
		status, stdout, stderr := testkit.Outcome(t, cmd)
		if status != c.status || strings.Count(stdout, "\n") != c.lines || !strings.Contains(stderr, c.stderr) || strings.Contains(stderr, "\x1b") {
			t.Errorf("%s: %d\nstdout: %s\nstderr: %s", c.name, status, stdout, stderr)
		}
	}
	cmd := hotcell(t, "batch", "--script", script, "-", url)
	cmd.Env, cmd.Stdin = append(cmd.Env, "HOTCELL_KEY=hc_known"), strings.NewReader(accepted+"x\n")
	if status, stdout, stderr := testkit.Outcome(t, cmd); status != 2 || strings.Count(stdout, "\n") != 1 || !strings.Contains(stderr, "hotcell: -: line 2: ") {
		t.Errorf("standard input: %d\n%s\n%s", status, stdout, stderr)
	}
}

func TestABatchShowsHowFarItHasCome(t *testing.T) {
	tally := batchfile.Tally{Cases: 300, Had: 100, Failed: 2, Counts: map[string]int{"accepted": 98, "timeout": 2}}
	for runs, want := range map[int]string{
		400: "[███████████████···············] 200 of 400, 50/s, 2 not accepted",
		0:   "200 runs, 50/s, 2 not accepted",
	} {
		if text := (&batchProgress{runs: runs}).text(tally, 2*time.Second); text != want {
			t.Errorf("%s, want %s", text, want)
		}
	}
}

func TestBatchThatIsInterruptedGoesOnWithTheSameCommand(t *testing.T) {
	url, dir := playedBatches(t), t.TempDir()
	script, cases, out := filepath.Join(dir, "script.py"), filepath.Join(dir, "cases.ndjson"), filepath.Join(dir, "out.ndjson")
	for name, text := range map[string]string{script: "print(1)", cases: `{"stdin":"accepted"}` + "\n" + `{"stdin":"accepted"}` + "\n" + `{"stdin":"stop"}`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := hotcell(t, "batch", "--script", script, "-o", out, cases, url)
	var stderr bytes.Buffer
	cmd.Env, cmd.Stderr = append(cmd.Env, "HOTCELL_KEY=hc_known"), &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	results := func() int {
		text, _ := os.ReadFile(out)
		return bytes.Count(text, []byte("\n"))
	}
	testkit.Eventually(t, "two results", func() bool { return results() == 2 }, stderr.String)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 130 || !strings.Contains(stderr.String(), "hint: the same command goes on with what has no result in "+out) {
		t.Errorf("%v\n%s", cmd.ProcessState, &stderr)
	}
	if err := os.WriteFile(cases, []byte(`{"stdin":"accepted"}`+"\n"+`{"stdin":"accepted"}`+"\n"+`{"stdin":"timeout"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	again := hotcell(t, "batch", "--script", script, "-o", out, cases, url)
	again.Env = append(again.Env, "HOTCELL_KEY=hc_known")
	if status, stdout, stderr := testkit.Outcome(t, again); status != 1 || stdout != "" || !strings.Contains(stderr, "cases 3: 1 timeout, 2 had a result\n") || results() != 3 {
		t.Errorf("%d %s %s, %d results", status, stdout, stderr, results())
	}
}
