package supervisor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// batchLine is a line of a batch: a run, or the summary.
type batchLine struct {
	Script, Case *int
	Verdict      api.Verdict
	Answer       *struct{ Stdout string }
	Counts       map[api.Verdict]int
	Cases        int
	NotRun       int `json:"not_run"`
	Problem      *api.Problem
}

// runBatch sends a batch whose body is not known to end, and returns its lines.
func runBatch(t *testing.T, handler http.Handler, body string) (runs []batchLine, last batchLine, w *httptest.ResponseRecorder) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/batches", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = -1
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code == http.StatusOK {
		runs, last = batchLines(t, w.Body)
	}
	return runs, last, w
}

func batchLines(t *testing.T, from io.Reader) (runs []batchLine, last batchLine) {
	t.Helper()
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line batchLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		if last.Counts != nil {
			t.Fatalf("a line after the last one: %s", lines.Text())
		}
		if line.Counts != nil {
			last = line
		} else {
			runs = append(runs, line)
		}
	}
	if last.Counts == nil {
		t.Fatal("there is no last line")
	}
	return runs, last
}

// echo prints what the script reads, or ends as the script says.
func echo(_ context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	status := protocol.StatusOK
	if job.Script != "echo" {
		status = protocol.Status(job.Script)
	}
	return nsjail.Verdict{Status: status, Stdout: []byte(job.Stdin)}, nil
}

func TestEachEndOfARunHasItsVerdict(t *testing.T) {
	_, handler := withFakeCells(t, fakeProfile{run: echo})
	for script, want := range map[string]api.Verdict{
		"echo": api.VerdictAccepted, "exception": api.VerdictRuntimeError, "not_json": api.VerdictRuntimeError, "exited": api.VerdictRuntimeError,
		"killed": api.VerdictRuntimeError, "syntax_error": api.VerdictRuntimeError, "no_main": api.VerdictRuntimeError,
		"timeout": api.VerdictTimeout, "memory_limit": api.VerdictMemoryLimit, "output_limit": api.VerdictOutputLimit,
	} {
		runs, last, w := runBatch(t, handler, fmt.Sprintf(`{"script":%q,"cases":[{"stdin":"x","expected_stdout":"x\n"}]}`, script))
		if len(runs) != 1 || runs[0].Verdict != want || last.Counts[want] != 1 || last.Cases != 1 || last.NotRun != 0 || last.Problem != nil || (runs[0].Answer == nil) != (runs[0].Problem != nil) {
			t.Errorf("%s: %d %+v %+v", script, w.Code, runs, last)
		}
	}
}

func TestEachScriptRunsWithEachCase(t *testing.T) {
	s, handler := withFakeCells(t, fakeProfile{run: echo})
	runs, last, _ := runBatch(t, handler, `{"scripts":["echo","timeout"],"compare":"exact","cases":[{"stdin":"a","expected_stdout":"a"},{"stdin":"b","expected_stdout":"a"},{"stdin":"c"}]}`)
	got := make(map[string]bool)
	for _, run := range runs {
		got[fmt.Sprintf("%d %d %s %s", *run.Script, *run.Case, run.Verdict, run.Answer.Stdout)] = true
	}
	for _, want := range []string{"0 0 accepted a", "0 1 wrong_answer b", "0 2 accepted c", "1 0 timeout a", "1 1 timeout b", "1 2 timeout c"} {
		if !got[want] {
			t.Errorf("no %s: %v", want, got)
		}
	}
	if len(runs) != 6 || last.Cases != 3 || last.Counts[api.VerdictAccepted] != 2 || last.Counts[api.VerdictTimeout] != 3 || len(last.Counts) != len(api.Verdicts) {
		t.Errorf("%+v", last)
	}
	if counts := s.line.Count(); counts.Running != 0 || counts.Bytes != 0 || counts.Reserved != 0 || counts.Behind != 0 {
		t.Errorf("%+v", counts)
	}
}

func TestABatchThatIsRefusedAsAWholeHasAProblem(t *testing.T) {
	_, handler := withFakeCells(t, fakeProfile{})
	for body, want := range map[string]string{
		`{"cases":[]}`: "/script: is missing: send script, or scripts, before cases",
		`{"script":"x","scripts":["x"],"cases":[]}`:                          "/scripts: cannot stand beside script: send one of them",
		`{"scripts":[],"cases":[]}`:                                          "/scripts: must have at least one script",
		`{"script":"x","compare":"fuzzy","cases":[]}`:                        `/compare: unknown way to compare "fuzzy"; available: "exact", "trim", "tokens", "float"`,
		`{"script":"x","mode":"none","cases":[]}`:                            `/mode: unknown mode "none"; available: "cell", "function", "program"`,
		`{"script":"x","nonsense":1,"cases":[]}`:                             "/nonsense: unknown field; available: cases, compare, limits, mode, profile, script, scripts, stop_on_failure",
		`{"script":"x"}`:                                                     "/cases: is missing",
		`{"script":"x","cases":5}`:                                           "/cases: is 5; must be an array, not a number",
		`{"script":"x","cases":[5]}`:                                         "/cases/0: its line 1, column 1: it must be an object, not a number",
		`{"script":"x","cases":[{"script":"y"}]}`:                            "/cases/0/script: unknown field; available: args, expected_stdout, files, kwargs, stdin",
		`{"script":"x","cases":[{"args":5}]}`:                                "/cases/0/args: is 5; must be an array, not a number",
		`{"script":"x","cases":[{"stdin":"\ud83d"}]}`:                        `/cases/0/stdin: contains \ud83d, a lone surrogate`,
		`{"script":"x","cases":[{"stdin":tru}]}`:                             "/cases/0: its line 1, column 13: invalid character '}' in literal true (expecting 'e')",
		`{"script":"x","limits":{"cpu":1},"cases":[{}]}`:                     "/limits/cpu: unknown limit; available: wall_ms, cpu_ms, memory_bytes, output_bytes, result_bytes, files_bytes, outputs_bytes, disk_bytes, interrupt_grace_ms, processes",
		`{"script":"x","cases":[],"compare":"exact"}`:                        "cases must be the last member: what stands after it comes too late for the cases that have run",
		`{"script":"x","\u0063ases":[],"cases":[]}`:                          "/cases: appears twice",
		`{"script":"x","mode":"program","cases":[{"args":[1],"kwargs":{}}]}`: `/cases/0/kwargs: is for main, which mode "program" does not call`,
	} {
		_, _, w := runBatch(t, handler, body)
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 400 || p.Detail != want && !strings.HasPrefix(want, p.Detail) {
			t.Errorf("%s: %d %v %s", body, w.Code, err, w.Body)
		}
	}
}

func TestAFaultInACaseEndsTheBatchAfterThoseBeforeIt(t *testing.T) {
	_, handler := withFakeCells(t, fakeProfile{run: echo})
	runs, last, _ := runBatch(t, handler, `{"script":"echo","cases":[{},{"stdin":"x"},{"stdin":5},{},{}]}`)
	if len(runs) != 2 || last.Problem == nil || last.Problem.Code != api.CodeInvalidRequest || last.Problem.Detail != "/cases/2/stdin: is 5; must be a string, not a number" || last.Cases != 3 || last.NotRun != 1 {
		t.Errorf("%+v %+v", runs, last)
	}
}

// A body with a length that max_body allows may have its members in any order.
func TestMembersMayHaveAnyOrderIfTheBodyHasALength(t *testing.T) {
	_, handler := withFakeCells(t, fakeProfile{run: echo})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/batches", strings.NewReader(`{"cases":[{"stdin":"x"}],"script":"echo","compare":"exact"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if runs, last := batchLines(t, w.Body); len(runs) != 1 || last.Counts[api.VerdictAccepted] != 1 {
		t.Errorf("%d %+v", w.Code, last)
	}
}

func TestAScriptStopsAtItsFirstFailureIfAsked(t *testing.T) {
	var mu sync.Mutex
	ran := make(map[string]int)
	_, handler := withFakeCells(t, fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		mu.Lock()
		defer mu.Unlock()
		ran[job.Script]++
		return echo(ctx, job)
	}})
	const count = 500
	body := `{"scripts":["echo","timeout"],"stop_on_failure":true,"cases":[` + strings.TrimSuffix(strings.Repeat(`{},`, count), ",") + `]}`
	_, last, _ := runBatch(t, handler, body)
	if failed := ran["timeout"]; ran["echo"] != count || failed == 0 || failed > 4*batches.Behind() || last.NotRun != count-failed || last.Cases != count {
		t.Errorf("%v %+v", ran, last)
	}
}

func TestAFailureOfTheServiceIsTriedAgainBeforeItIsTold(t *testing.T) {
	for failures, want := range map[int32]api.Verdict{0: api.VerdictAccepted, 2: api.VerdictAccepted, 3: api.VerdictInfraError} {
		var tries atomic.Int32
		_, handler := withFakeCells(t, fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
			if tries.Add(1) <= failures {
				return nsjail.Verdict{}, errors.New("secret")
			}
			return echo(ctx, job)
		}})
		runs, last, w := runBatch(t, handler, `{"script":"echo","cases":[{}]}`)
		if len(runs) != 1 || runs[0].Verdict != want || last.Counts[want] != 1 || strings.Contains(w.Body.String(), "secret") || (want == api.VerdictInfraError) != (runs[0].Problem != nil) {
			t.Errorf("%d failures: %s", failures, w.Body)
		}
	}
	claims := 0
	_, handler := withFakeCells(t, fakeProfile{run: echo, claim: func() error {
		if claims++; claims < 3 {
			return &pool.UnavailableError{RetryAfter: 1, Err: errors.New("secret")}
		}
		return nil
	}})
	if _, last, w := runBatch(t, handler, `{"script":"echo","cases":[{}]}`); last.Counts[api.VerdictAccepted] != 1 {
		t.Errorf("no cell at first: %s", w.Body)
	}
}

func TestABatchEndsWithItsClientAndWithTheService(t *testing.T) {
	for name, end := range map[string]func(*Service, context.CancelFunc){
		"client": func(_ *Service, hangUp context.CancelFunc) { hangUp() },
		"drain":  func(s *Service, _ context.CancelFunc) { s.line.Close(); s.killRuns() },
	} {
		running := make(chan struct{}, 100)
		s, handler := withFakeCells(t, fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
			running <- struct{}{}
			<-ctx.Done()
			return nsjail.Verdict{}, context.Cause(ctx)
		}})
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		go func() { <-running; end(s, hangUp) }()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/batches", strings.NewReader(`{"script":"x","cases":[`+strings.TrimSuffix(strings.Repeat(`{},`, 300), ",")+`]}`))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if counts := s.line.Count(); counts.Running != 0 || counts.Behind != 0 || counts.Bytes != 0 || counts.Reserved != 0 {
			t.Errorf("%s: %+v", name, counts)
		}
		if name == "client" && w.Body.Len() != 0 {
			t.Errorf("%s: %s", name, w.Body)
		}
		if name == "drain" {
			_, last := batchLines(t, w.Body)
			if last.Problem == nil || last.Problem.Code != api.CodeDraining {
				t.Errorf("%s: %s", name, w.Body)
			}
		}
	}
}

func TestTheSuggestedConcurrencyFollowsWhatOthersRun(t *testing.T) {
	for _, c := range []struct{ most, others, want int }{{1000, 0, batches.Behind()}, {2, 0, 2}, {1000, 1, batches.Behind() - 1}, {1000, 1000, 1}, {0, 0, 1}} {
		if got := batches.Suggested(c.most, c.others); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// withKey gives the service a keys file with one key. The request that it returns has it.
func withKey(t *testing.T, s *Service, fields string) (request func(body string) *http.Request, revoke func()) {
	t.Helper()
	secret, entry, err := keys.NewEntry("one", "execute")
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := keys.NewEntry("other", "execute")
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Keys = filepath.Join(t.TempDir(), "keys.yaml")
	write := func(text string) {
		if err := os.WriteFile(s.cfg.Keys, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(entry + fields + other)
	if s.keys, err = keys.Open(s.cfg, s.memory, s.log, func(string) {}); err != nil {
		t.Fatal(err)
	}
	request = func(body string) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/batches", strings.NewReader(body))
		r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + secret}}
		return r
	}
	return request, func() { write(other); s.ReloadKeys() }
}

func TestEachRunOfABatchCountsAgainstTheRateOfItsKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, handler := withFakeCells(t, fakeProfile{run: echo})
		request, _ := withKey(t, s, "  rate: 2\n  burst: 1\n")
		w := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(w, request(`{"script":"echo","cases":[{},{},{},{}]}`))
		runs, _ := batchLines(t, w.Body)
		if took := time.Since(began); len(runs) != 4 || took != 2*time.Second { // the request itself has had a turn
			t.Errorf("%d runs in %v", len(runs), took)
		}
	})
}

func TestABatchEndsWithItsKeyAfterWhatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, handler := withFakeCells(t, fakeProfile{})
		request, revoke := withKey(t, s, "")
		var runs atomic.Int32
		goOn := make(chan struct{})
		s.profiles["default"] = fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
			if runs.Add(1) == 1 {
				revoke()
				synctest.Wait()
				close(goOn)
			}
			<-goOn
			return echo(ctx, job)
		}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request(`{"script":"echo","cases":[`+strings.TrimSuffix(strings.Repeat(`{},`, 500), ",")+`]}`))
		lines, last := batchLines(t, w.Body)
		if n := len(lines); n != int(runs.Load()) || n > batches.Behind() || last.Problem == nil || last.Problem.Code != api.CodeUnauthorized || n+last.NotRun != last.Cases || last.Counts[api.VerdictAccepted] != n {
			t.Errorf("%d runs, %d lines: %+v", runs.Load(), n, last)
		}
	})
}
