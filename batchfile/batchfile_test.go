package batchfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/batchfile"
	"github.com/hotcell/hotcell/client"
)

// played is a server that runs nothing: a script prints its case's stdin.
type played struct {
	breakAfter int                 // runs, after which the connection is cut; 0: never
	verdict    func(string) string // by stdin
	problem    string              // of the last line; empty: none
	stops      bool                // it is asked to stop a script on its first failure, though it goes on
	got        []string            // the stdin of each case that came
}

func (p *played) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Scripts []string
		Cases   []struct {
			Stdin string
			Args  json.RawMessage
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		panic(err)
	}
	runs, counts := 0, map[string]int{}
	for i, one := range body.Cases {
		p.got = append(p.got, one.Stdin)
		for script := range body.Scripts {
			if runs++; p.breakAfter > 0 && runs > p.breakAfter {
				panic(http.ErrAbortHandler)
			}
			verdict := p.verdict(one.Stdin)
			counts[verdict]++
			fmt.Fprintf(w, `{"script":%d,"case":%d,"verdict":%q,"answer":{"stdout":%q,"result":12345678901234567890,"new":1},"problem":null}`+"\n", script, i, verdict, one.Stdin+string(one.Args))
			_ = http.NewResponseController(w).Flush()
		}
	}
	problem := "null"
	if p.problem != "" {
		problem = fmt.Sprintf(`{"status":400,"code":"invalid_request","title":"The request is not valid","detail":%q}`, p.problem)
	}
	text, _ := json.Marshal(counts)
	fmt.Fprintf(w, `{"counts":%s,"cases":%d,"not_run":0,"problem":%s}`+"\n", text, len(body.Cases), problem)
}

func accepted(string) string { return "accepted" }

// do runs a file of cases on a played server.
func do(t *testing.T, p *played, cases string, scripts []string, results *batchfile.Results) (batchfile.Tally, error) {
	t.Helper()
	server := httptest.NewServer(p)
	defer server.Close()
	c, err := client.New(server.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return batchfile.Run(t.Context(), batchfile.Job{Client: c, Request: client.BatchRequest{Scripts: scripts, StopOnFailure: p.stops}, Cases: batchfile.NewCases(strings.NewReader(cases)), Results: results})
}

// toFile is do with results in a file. It returns its lines, without their inputs.
func toFile(t *testing.T, p *played, cases string, scripts []string, name string) (tally batchfile.Tally, lines []string, err error) {
	t.Helper()
	results, err := batchfile.OpenResults(name)
	if err != nil {
		t.Fatal(err)
	}
	tally, err = do(t, p, cases, scripts, results)
	if failed := results.Close(); failed != nil {
		t.Error(failed)
	}
	text, failed := os.ReadFile(name)
	if failed != nil {
		t.Fatal(failed)
	}
	for line := range strings.Lines(string(text)) {
		var one batchfile.Result
		if failed := json.Unmarshal([]byte(line), &one); failed != nil {
			t.Fatal(failed)
		}
		var answer struct{ Stdout string }
		_ = json.Unmarshal(one.Answer, &answer)
		lines = append(lines, fmt.Sprintf("%d/%d %s %s", one.Script, one.Case, one.Verdict, answer.Stdout))
	}
	return tally, lines, err
}

func TestResultsAreThoseOfTheServerWithTheNumberOfTheCase(t *testing.T) {
	var out bytes.Buffer
	tally, err := do(t, &played{verdict: accepted}, "{\"stdin\":\"a\"}\n\n  {\"args\":[12345678901234567890]}\n", []string{"x"}, batchfile.ToStream(&out))
	const want = `{"script":0,"case":1,"input":"cd","verdict":"accepted","answer":{"stdout":"[12345678901234567890]","result":12345678901234567890,"new":1},"problem":null}`
	lines := strings.Split(out.String(), "\n")
	if err != nil || tally.Cases != 2 || tally.Counts["accepted"] != 2 || len(lines) != 3 || len(lines[1]) != len(want)+14 || lines[1][:30] != want[:30] || !strings.HasSuffix(lines[1], want[32:]) {
		t.Errorf("%v %+v %s", err, tally, &out)
	}
}

func TestWhatHasAResultIsNotRunAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.ndjson")
	cases := "{\"stdin\":\"a\"}\n{\"stdin\":\"b\"}\n{\"stdin\":\"c\"}\n"
	broken := &played{breakAfter: 3, verdict: accepted}
	tally, lines, err := toFile(t, broken, cases, []string{"x", "y"}, name)
	if err == nil || tally.Counts["accepted"] != 3 || len(lines) != 3 {
		t.Fatalf("cut off: %v %+v %q", err, tally, lines)
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.WriteString(`{"script":1,"case":1,"input":"`) // it was killed while it wrote
	_ = file.Close()
	again := &played{verdict: accepted}
	tally, lines, err = toFile(t, again, cases, []string{"x", "y"}, name)
	if got := strings.Join(again.got, ""); err != nil || got != "bc" || tally.Had != 3 || tally.Counts["accepted"] != 3 || tally.Runs() != 6 || len(lines) != 6 {
		t.Errorf("gone on: %v, sent %q, %+v %q", err, got, tally, lines)
	}
	nothing := &played{verdict: accepted}
	if tally, lines, err = toFile(t, nothing, cases, []string{"x", "y"}, name); err != nil || nothing.got != nil || tally.Had != 6 || len(lines) != 6 {
		t.Errorf("all had a result: %v, sent %q, %+v %q", err, nothing.got, tally, lines)
	}
}

func TestWhatHasChangedIsRunAgainAndOldResultsGo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.ndjson")
	first := &played{verdict: func(stdin string) string {
		return map[string]string{"a": "wrong_answer", "b": "infra_error"}[stdin] + map[bool]string{true: "accepted"}[stdin > "b"]
	}}
	tally, _, err := toFile(t, first, "{\"stdin\":\"a\"}\n{\"stdin\":\"b\"}\n{\"stdin\":\"c\"}\n{\"stdin\":\"d\"}\n", []string{"x"}, name)
	if err != nil || tally.Failed != 2 {
		t.Fatalf("%v %+v", err, tally)
	}
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	second := &played{verdict: accepted}
	tally, lines, err := toFile(t, second, "{\"stdin\":\"a\"}\n{\"stdin\":\"b\"}\n{\"stdin\":\"C\"}\n", []string{"x"}, name)
	if got := strings.Join(second.got, ""); err != nil || got != "bC" || tally.Had != 1 || tally.Failed != 1 {
		t.Errorf("%v, sent %q, %+v", err, got, tally)
	}
	if want := "0/0 wrong_answer a,0/1 accepted b,0/2 accepted C"; strings.Join(lines, ",") != want {
		t.Errorf("%q", lines)
	}
	if stat, err := os.Stat(name); err != nil || stat.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", stat.Mode(), err)
	}
	third := &played{verdict: accepted}
	if _, lines, err = toFile(t, third, "{\"stdin\":\"a\"}\n", []string{"z"}, name); err != nil || len(third.got) != 1 || len(lines) != 1 {
		t.Errorf("another script: %v, sent %q, %q", err, third.got, lines)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestAScriptThatHasStoppedStaysSo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.ndjson")
	const cases = "{\"stdin\":\"a\"}\n{\"stdin\":\"b\"}\n{\"stdin\":\"c\"}\n"
	first := &played{breakAfter: 2, verdict: func(stdin string) string {
		return map[string]string{"a": "accepted", "b": "wrong_answer"}[stdin]
	}}
	if _, lines, err := toFile(t, first, cases, []string{"x"}, name); err == nil || len(lines) != 2 {
		t.Fatalf("%v %q", err, lines)
	}
	again := &played{verdict: accepted, stops: true}
	tally, lines, err := toFile(t, again, cases, []string{"x"}, name)
	if err != nil || again.got != nil || tally.Had != 2 || tally.Failed != 1 || tally.NotRun != 1 || len(lines) != 2 {
		t.Errorf("%v, sent %q, %+v %q", err, again.got, tally, lines)
	}
	beside := &played{verdict: accepted, stops: true}
	tally, lines, err = toFile(t, beside, cases, []string{"x", "y"}, name)
	if want := "0/0 accepted a,0/1 wrong_answer b,1/0 accepted a,1/1 accepted b,1/2 accepted c"; err != nil || strings.Join(lines, ",") != want || tally.NotRun != 1 || tally.Runs() != 5 {
		t.Errorf("beside another: %v %+v %q", err, tally, lines)
	}
	goesOn := &played{verdict: accepted}
	if _, lines, err = toFile(t, goesOn, cases, []string{"x", "y"}, name); err != nil || len(lines) != 6 {
		t.Errorf("not asked to stop any more: %v %q", err, lines)
	}
}

func TestAWrongCaseIsNamedByItsLine(t *testing.T) {
	const good = "{\"stdin\":\"a\"}\n"
	for _, c := range []struct{ cases, want string }{
		{good + "\n{\"stdn\":\"a\"}\n", `line 3: unknown field "stdn": use args, kwargs, stdin, files and expected_stdout`},
		{good + "{\"stdin\":1}\n", "line 2: stdin: a number must not stand there"},
		{good + "[1]\n", `line 2: a case must be an object of JSON, such as {"stdin": "…"}, not "[1]"`},
		{good + "{\"stdin\":\"a\"\n", "line 2: invalid JSON: unexpected EOF"},
		{good + "{} {}\n", "line 2: there is something after the object: a line holds one case"},
		{good + good + `{"stdin":"` + strings.Repeat("a", 65<<20), "line 3: a case has more than 64 MiB"},
	} {
		var out bytes.Buffer
		tally, err := do(t, &played{verdict: accepted}, c.cases, []string{"x"}, batchfile.ToStream(&out))
		var wrong *batchfile.LineError
		if !errors.As(err, &wrong) || err.Error() != c.want || tally.Counts["accepted"] != tally.Cases || tally.Cases == 0 {
			t.Errorf("%v, want %s; %+v", err, c.want, tally)
		}
	}
}

func TestACaseThatTheServerRefusesIsNamedByItsLine(t *testing.T) {
	for _, c := range []struct{ problem, want string }{
		{"/cases/1/stdin: too long", "line 4: stdin: too long"},
		{"/cases/1: must be an object", "line 4: must be an object"},
		{"/script: is missing", "The request is not valid: /script: is missing"},
		{"/cases/9/stdin: too long", "The request is not valid: /cases/9/stdin: too long"},
	} {
		name := filepath.Join(t.TempDir(), "out.ndjson")
		if _, _, err := toFile(t, &played{verdict: accepted}, "{\"stdin\":\"a\"}\n", []string{"x"}, name); err != nil {
			t.Fatal(err)
		}
		_, _, err := toFile(t, &played{verdict: accepted, problem: c.problem}, "{\"stdin\":\"a\"}\n{\"stdin\":\"b\"}\n\n{}\n", []string{"x"}, name)
		if err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestAFileThatHoldsNoResultsStaysAsItIs(t *testing.T) {
	for _, text := range []string{"{\"stdin\":\"a\"}\n", "text\n", "text", "{\"scripts\":", "{\"script\":0,\"case\":0,\"verdict\":\"accepted\"}\n"} {
		name := filepath.Join(t.TempDir(), "mine")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := batchfile.OpenResults(name)
		if after, failed := os.ReadFile(name); !errors.Is(err, batchfile.ErrResults) || failed != nil || string(after) != text {
			t.Errorf("%v, %q", err, after)
		}
	}
	for _, name := range []string{"/dev/null", t.TempDir()} {
		if results, err := batchfile.OpenResults(name); err == nil {
			t.Errorf("%s: %v", name, results.Close())
		}
	}
	name := filepath.Join(t.TempDir(), "out")
	first, err := batchfile.OpenResults(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := batchfile.OpenResults(name); !errors.Is(err, batchfile.ErrResults) {
		t.Errorf("two at once: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
}

func TestABatchThatIsToldToStopKeepsWhatCame(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintln(w, `{"script":0,"case":0,"verdict":"accepted","answer":null,"problem":null}`)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	defer server.Close()
	c, err := client.New(server.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out bytes.Buffer
	tally, err := batchfile.Run(ctx, batchfile.Job{
		Client: c, Request: client.BatchRequest{Scripts: []string{"x"}}, Cases: batchfile.NewCases(strings.NewReader("{}\n{}\n")), Results: batchfile.ToStream(&out),
		Ran: func(batchfile.Tally) { stop() },
	})
	if !errors.Is(err, context.Canceled) || tally.Runs() != 1 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("%v %+v %s", err, tally, &out)
	}
}
