package attack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/attack"
)

func TestThereAreManyCasesAndEachHeadIsRight(t *testing.T) {
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	groups := make(map[string]int)
	for _, c := range cases {
		groups[c.Group()]++
		if c.Tries == "" || len(c.Parts) == 0 {
			t.Errorf("%s: %+v", c.Name, c)
		}
	}
	if len(cases) < 420 || len(groups) < 15 {
		t.Errorf("%d cases in groups %v", len(cases), groups)
	}
}

// server answers ordinary requests correctly, and attacks with answer.
func server(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var request struct {
			Script string
			Args   []int64
		}
		if err := json.Unmarshal(body, &request); err == nil && len(request.Args) == 1 && strings.Contains(request.Script, "plain") {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"status":"ok","result":[%d,%d],"stdout":"plain\n","stderr":"plain too\n"}`, request.Args[0], request.Args[0]%97)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func says(kind string, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// An attack stands only if the server's answer is the expected one.
func TestAnAttackFalls(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		why    string
	}{
		"it escaped":          {says("application/json", 200, `{"status":"ok","result":"ESCAPED: mounted"}`), "ESCAPED"},
		"it said so":          {says("application/json", 200, `{"status":"ok","result":"held: EPERM","stdout":"x\nESCAPED: y\n"}`), "ESCAPED"},
		"held by a wrong":     {says("application/json", 200, `{"status":"ok","result":"held: SUCCESS"}`), "not the expected answer"},
		"no result":           {says("application/json", 200, `{"status":"ok","result":null}`), "not the expected answer"},
		"another status":      {says("application/json", 200, `{"status":"exception","result":null}`), "not the expected answer"},
		"a forged result":     {says("application/json", 200, `{"status":"timeout","result":"held: EPERM"}`), "result"},
		"an unknown status":   {says("application/json", 200, `{"status":"fine","result":"held: EPERM"}`), "unexpected response"},
		"no JSON":             {says("application/json", 200, `held: EPERM`), "unexpected response"},
		"another type":        {says("text/html", 200, `{"status":"ok","result":"held: EPERM"}`), "unexpected response"},
		"an internal error":   {says("application/problem+json", 500, `{"code":"internal","status":500}`), "not the expected answer"},
		"a broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := attack.Run(context.Background(), attack.Config{URL: server(t, c.answer), Only: "escape/mount_tmpfs"})
			if err != nil {
				t.Fatal(err)
			}
			if report.Fell != 1 || report.Stood != 0 || !strings.Contains(report.Outcomes[0].Why+report.Outcomes[0].Got, c.why) {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestAnAttackStands(t *testing.T) {
	report, err := attack.Run(context.Background(), attack.Config{URL: server(t, says("application/json", 200, `{"status":"ok","result":"held: EPERM"}`)), Only: "escape/mount_tmpfs"})
	if err != nil || report.Stood != 1 || report.Fell != 0 {
		t.Errorf("%+v %v", report, err)
	}
}

// An attack that stops the server has not stood, whatever the answer was.
func TestAServerThatDoesNotAnswerAfterwardsHasFallen(t *testing.T) {
	dead := false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/info" {
			says("application/json", 200, `{}`)(w, r)
			return
		}
		if dead {
			panic(http.ErrAbortHandler)
		}
		body, _ := io.ReadAll(r.Body)
		var request struct{ Args []int64 }
		_ = json.Unmarshal(body, &request)
		w.Header().Set("Content-Type", "application/json")
		if len(request.Args) == 1 {
			fmt.Fprintf(w, `{"status":"ok","result":[%d,%d],"stdout":"plain\n","stderr":"plain too\n"}`, request.Args[0], request.Args[0]%97)
			return
		}
		dead = true
		_, _ = io.WriteString(w, `{"status":"ok","result":"held: EPERM"}`)
	}))
	defer s.Close()
	report, err := attack.Run(context.Background(), attack.Config{URL: s.URL, Only: "escape/mount_tmpfs"})
	if err == nil || report.Fell != 1 || !strings.Contains(report.Outcomes[0].Why, "afterwards") {
		t.Errorf("%+v %v", report, err)
	}
}

// A documented fall is counted separately, and only if the server says that its cells
// share one uid.
func TestOneUIDExcusesOnlyWhatIsTagged(t *testing.T) {
	for _, c := range []struct{ uids, only, want string }{
		{"single", "exhaust/signals_of_all", "0 attacks stood, 1 fell as documented for cells that share one uid: exhaust/signals_of_all"},
		{"range", "exhaust/signals_of_all", "0 attacks stood, 1 fell: exhaust/signals_of_all"},
		{"single", "escape/mount_tmpfs", "0 attacks stood, 1 fell: escape/mount_tmpfs"},
	} {
		url := server(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/info" {
				says("application/json", 200, `{"uids":"`+c.uids+`"}`)(w, r)
				return
			}
			says("application/json", 200, `{"status":"ok","result":"ESCAPED: x"}`)(w, r)
		})
		report, err := attack.Run(context.Background(), attack.Config{URL: url, Only: c.only})
		if err != nil || report.Summary() != c.want || report.UIDs != c.uids {
			t.Errorf("%+v: %+v %v", c, report, err)
		}
	}
}

// Attacks on the whole machine run alone, after all others.
func TestWhatReachesForTheMachineRunsAlone(t *testing.T) {
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	machine, plain := 0, 0
	for _, c := range cases {
		if c.Group() == "exhaust" && c.Tags[attack.TagMachine] != "" {
			machine++
		} else if c.Group() == "exhaust" {
			plain++
		}
	}
	if machine < 4 || plain < 20 {
		t.Fatalf("%d with the tag, %d without", machine, plain)
	}
	var log strings.Builder
	url := server(t, says("application/json", 200, `{"status":"ok","result":null}`))
	if _, err := attack.Run(context.Background(), attack.Config{URL: url, Only: "exhaust", Parallel: 8, Log: &log}); err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]attack.Case)
	for _, c := range cases {
		byName[c.Name] = c
	}
	var order []bool
	for line := range strings.Lines(log.String()) {
		if fields := strings.Fields(line); len(fields) > 1 && (fields[0] == "FELL" || fields[0] == "stood") {
			order = append(order, byName[fields[1]].Tags[attack.TagMachine] != "")
		}
	}
	if len(order) != machine+plain || slices.Contains(order[:plain], true) || slices.Contains(order[plain:], false) {
		t.Errorf("the order was %v", order)
	}
}

func TestTagsChooseCases(t *testing.T) {
	url := server(t, says("application/json", 200, `{"status":"ok","result":null}`))
	count := func(tag string) int {
		report, err := attack.Run(context.Background(), attack.Config{URL: url, Only: "limits", Tag: tag, Parallel: 8})
		if err != nil {
			t.Fatal(err)
		}
		return len(report.Outcomes)
	}
	if with, without, all := count("cgroup"), count("!cgroup"), count(""); with == 0 || without == 0 || with+without != all {
		t.Errorf("%d with the tag, %d without, %d in all", with, without, all)
	}
}

// Hostile scripts are not for other people's machines.
func TestOnlyLoopbackIsAttacked(t *testing.T) {
	for _, url := range []string{"http://192.0.2.1:8080", "ftp://127.0.0.1", "127.0.0.1:8080", ""} {
		if _, err := attack.Run(context.Background(), attack.Config{URL: url}); err == nil {
			t.Errorf("%q was attacked", url)
		}
	}
	if _, err := attack.Run(context.Background(), attack.Config{URL: "http://127.0.0.1:1", Only: "no/such"}); err == nil {
		t.Error("an attack that there is not was made")
	}
	if _, err := attack.Run(context.Background(), attack.Config{URL: "http://127.0.0.1:1", Tag: "such"}); err == nil || !strings.Contains(err.Error(), "cgroup, machine, single") {
		t.Errorf("an unknown tag: %v", err)
	}
}

// An attack through a drop-in API stands if every answer is the expected one.
func TestAnAttackThroughADropInAPI(t *testing.T) {
	for name, c := range map[string]struct {
		only   string
		answer http.HandlerFunc
		want   string
	}{
		"refused":         {"uploads/names_of_piston", says("application/json", 400, `{"message":"no"}`), "all 1 attacks stood"},
		"written":         {"uploads/names_of_piston", says("application/json", 200, `{"message":"no"}`), "0 attacks stood, 1 fell: uploads/names_of_piston"},
		"another refusal": {"uploads/names_of_piston", says("application/json", 400, `{"detail":"no"}`), "0 attacks stood, 1 fell: uploads/names_of_piston"},
		"printed":         {"streams/no_text_dify", says("application/json", 200, `{"code":0,"data":{"stdout":"a?b\n"}}`), "all 1 attacks stood"},
		"printed in part": {"streams/no_text_dify", says("application/json", 200, `{"code":0,"data":{"stdout":"a"}}`), "0 attacks stood, 1 fell: streams/no_text_dify"},
		"no sandbox":      {"streams/no_text_e2b", says("application/json", 201, `{"other":"1"}`), "0 attacks stood, 1 fell: streams/no_text_e2b"},
		"no upgrade":      {"streams/no_text_jupyter", says("application/json", 201, `{"id":"1"}`), "0 attacks stood, 1 fell: streams/no_text_jupyter"},
		"without keys":    {"tenants/kernels,uploads/names_of_piston", says("application/json", 400, `{"message":"no"}`), "all 1 attacks stood, 1 were left out that need another tenant's key"},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := attack.Run(context.Background(), attack.Config{URL: server(t, c.answer), Only: c.only})
			if err != nil || report.Summary() != c.want {
				t.Errorf("%s, want %s: %+v %v", report.Summary(), c.want, report.Outcomes, err)
			}
		})
	}
}

// What one tenant sends another has the key and the texts that its head says.
func TestRequestsOfAnotherTenantHaveItsKey(t *testing.T) {
	var mu sync.Mutex
	seen := make(map[string]bool)
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization")+" "+r.Header.Get("E2b-Sandbox-Id")] = true
		says("application/json", 404, `{"sandboxID":"ibox","trafficAccessToken":"t"}`)(w, r)
	})
	if _, err := attack.Run(context.Background(), attack.Config{URL: url, Only: "tenants/sandboxes,tenants/sandbox_hosts", Key: "mine", Other: "theirs"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"POST /compat/e2b/v2/sandboxes Bearer mine ", "POST /compat/e2b/execute Bearer mine ibox", "POST /compat/e2b/execute Bearer theirs ibox",
		"GET /compat/e2b/sandboxes/ibox%2f Bearer theirs ", "POST /compat/e2b/execute Bearer theirs IBOX", "DELETE /compat/e2b/sandboxes/%69%62%6f%78 Bearer theirs ",
	} {
		if !seen[want] {
			t.Errorf("there was no %q among %v", want, seen)
		}
	}
}
