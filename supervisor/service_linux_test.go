package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

func small(c *config.Config) { c.Profile.PoolSize = 2 }

func TestHealthSaysWhatItKnows(t *testing.T) {
	s := theService(t)
	for _, path := range []string{"/livez", "/healthz", "/readyz"} {
		s.eventually(path, func() bool { return s.get(path).http == 200 })
	}
	if text := s.get("/readyz?verbose").body; text != "[+] serving: ok\n[+] jail default: ok\n[+] self-test default: ok\n[+] cells default: ok\n" {
		t.Errorf("%s", text)
	}
	if a := s.do(s.request("HEAD", "/readyz", "")); a.http != 200 || a.body != "" {
		t.Errorf("HEAD: %d %q", a.http, a.body)
	}
}

func TestInfoTellsWhatScriptsFind(t *testing.T) {
	s := theService(t)
	var info api.Info
	if err := json.Unmarshal([]byte(s.get("/info").body), &info); err != nil {
		t.Fatal(err)
	}
	p := info.Profiles[info.DefaultProfile]
	if info.Version != "v0-test" || !strings.HasPrefix(p.Python, "3.") || p.Packages["pandas"] == "" || p.SpawnMode != protocol.ModeFork ||
		p.Limits.Default["wall_ms"] != 10_000 || p.Limits.Max["memory_bytes"] != 1<<30 || !p.Isolation["seccomp"] {
		t.Errorf("%+v", info)
	}
}

func TestMetricsAreThereAndWellNamed(t *testing.T) {
	s := theService(t)
	before := s.metric("hotcell_cell_deaths_total", "reason=used")
	s.execute(seedScript)
	s.execute("def main(): 1/0")
	s.execute("def main(:")
	if got := s.metric("hotcell_cell_deaths_total", "reason=used"); got != before+3 {
		t.Errorf("%v cells used, then %v", before, got)
	}
	for _, want := range [][]string{
		{"hotcell_cells", "state=ready"}, {"hotcell_cells", "state=making"}, {"hotcell_cells", "state=claimed"}, {"hotcell_cells", "state=destroying"},
		{"hotcell_pool_target"}, {"hotcell_pool_resizes_total", "profile=default", "reason=idle"}, {"hotcell_claims_total", "result=hit"}, {"hotcell_claims_total", "result=miss"}, {"hotcell_refill_failures_total"},
		{"hotcell_refill_consecutive_failures"}, {"hotcell_waiting"}, {"hotcell_running"}, {"hotcell_zygote_generation"}, {"hotcell_build_info", "version=v0-test"},
		{"hotcell_claim_duration_seconds"}, {"hotcell_cell_start_duration_seconds", "step=fork"}, {"hotcell_run_duration_seconds", "status=ok"},
		{"hotcell_run_duration_seconds", "status=exception"}, {"hotcell_http_request_duration_seconds", "route=/execute", "code=200"},
		{"hotcell_http_request_duration_seconds", "route=/execute", "code=400"},
		{"hotcell_execute_requests_total", "status=ok"}, {"hotcell_execute_requests_total", "status=refused", "code=syntax_error"},
		{"hotcell_cell_deaths_total", "reason=died"}, {"go_goroutines"}, {"process_open_fds"},
	} {
		s.metric(want[0], want[1:]...)
	}
	problems, err := promlint.New(strings.NewReader(s.get("/metrics").body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

func TestTheAdminListenerHasMetricsAndProfiles(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.AdminListen = "127.0.0.1:0" })
	if a := s.get("/metrics"); a.http != 404 {
		t.Errorf("on the main listener: %d", a.http)
	}
	admin := s.as(t)
	admin.url = "http://" + s.AdminAddr().String()
	if a := admin.get("/metrics"); a.http != 200 || !strings.Contains(a.body, "hotcell_cells") {
		t.Errorf("%d %.100s", a.http, a.body)
	}
	if a := admin.get("/debug/pprof/goroutine?debug=1"); a.http != 200 {
		t.Errorf("%d", a.http)
	}
	// Not part of the contract, which covers the main listener.
	info, err := http.Get(admin.url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	defer info.Body.Close()
	if info.StatusCode != 404 {
		t.Errorf("clients' routes: %d", info.StatusCode)
	}
}

func TestAFullHouseRefusesWithRetryAfter(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		c.MaxRunning, c.MaxWaiting, c.MaxWait = 1, 1, 6*time.Second
	})
	release := s.hold()
	var all sync.WaitGroup
	refused := func(why string) {
		a := s.execute("def main(): pass")
		if a.http != 503 || a.problem.Code != "saturated" || a.header.Get("Retry-After") != "1" || !strings.Contains(a.problem.Detail, why) {
			t.Errorf("%d %s", a.http, a.body)
		}
	}
	all.Go(func() { refused("no cell was free") })
	s.eventually("one waits", func() bool { return s.metric("hotcell_waiting") == 1 })
	refused("line is full")
	all.Wait()
	release()
	if a := s.execute("def main(): return 1"); a.http != 200 {
		t.Errorf("afterwards: %s", a.body)
	}
}

func TestBodiesTogetherAreBounded(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.MaxBodies = 100_000 })
	for range 3 { // memory is given back, also after refusals
		a := s.execute("def main(): pass", fields{"stdin": strings.Repeat("x", 100_000)})
		if a.http != 503 || a.problem.Code != "saturated" {
			t.Errorf("%d %.200s", a.http, a.body)
		}
		if a := s.execute("def main(): pass", fields{"stdin": strings.Repeat("x", 90_000)}); a.http != 200 {
			t.Errorf("%d %.200s", a.http, a.body)
		}
	}
}

func TestDrainingFinishesWhatIsShortAndKillsTheRest(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.DrainGrace = 10 * time.Second })
	sleep := func(seconds float64) string { return fmt.Sprintf("import time\ndef main(): time.sleep(%v)", seconds) }
	var all sync.WaitGroup
	all.Go(func() {
		if a := s.execute(sleep(4)); a.http != 200 || a.Status != "ok" {
			t.Errorf("the short one: %d %s", a.http, a.body)
		}
	})
	all.Go(func() {
		if a := s.execute(sleep(60), lasting); a.http != 503 || a.problem.Code != "draining" {
			t.Errorf("the long one: %d %s", a.http, a.body)
		}
	})
	s.eventually("both run", func() bool { return s.metric("hotcell_cells", "state=claimed") == 2 })
	began := time.Now()
	all.Go(func() { s.Drain(context.Background()) })
	s.eventually("not ready", func() bool { return s.get("/readyz").http == 503 })
	if a := s.execute(sleep(0)); a.http != 503 || a.problem.Code != "draining" || a.header.Get("Retry-After") == "" {
		t.Errorf("a new one: %d %s", a.http, a.body)
	}
	if a := s.get("/livez"); a.http != 200 {
		t.Errorf("livez: %d", a.http)
	}
	all.Wait()
	if took := time.Since(began); took < 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestADrainThatIsHurriedKillsAtOnce(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.DrainGrace = time.Hour })
	var all sync.WaitGroup
	all.Go(func() {
		if a := s.execute("import time\ndef main(): time.sleep(60)", lasting); a.http != 503 {
			t.Errorf("%s", a.body)
		}
	})
	s.eventually("it runs", func() bool { return s.metric("hotcell_cells", "state=claimed") == 1 })
	hurry, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	s.Drain(hurry)
	all.Wait()
}

func TestAParkedCellThatDiesIsReplaced(t *testing.T) {
	s := start(t, small)
	full := func() bool { return s.metric("hotcell_cells", "state=ready") == 2 }
	s.eventually("it is full", full)
	pids, _ := s.cells()
	if len(pids) != 2 {
		t.Fatalf("%v", pids)
	}
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	s.eventually("the dead are found", func() bool { return s.metric("hotcell_cell_deaths_total", "reason=died") == 2 })
	s.eventually("it is full again", full)
	if a := s.execute(seedScript); a.http != 200 {
		t.Errorf("%s", a.body)
	}
}

func TestAZygoteThatDiesIsReplaced(t *testing.T) {
	s := start(t, small)
	s.eventually("it is full", func() bool { return s.metric("hotcell_cells", "state=ready") == 2 })
	_, zygote := s.cells()
	if err := unix.Kill(zygote, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.eventually("it is not ready", func() bool { return s.get("/readyz").http == 503 })
	if a := s.execute(seedScript); a.http != 200 { // it waits for the new jail
		t.Errorf("meanwhile: %d %s", a.http, a.body)
	}
	s.eventually("it is ready", func() bool { return s.get("/readyz").http == 200 })
	if got := s.metric("hotcell_zygote_generation"); got != 2 {
		t.Errorf("generation %v", got)
	}
}

func TestWithoutJailsItSaysSoUntilThereAreSome(t *testing.T) {
	var link string
	s := start(t, func(c *config.Config) {
		small(c)
		link = filepath.Join(c.StateDir, "..", "python-of-a-test")
		if err := os.Symlink(c.Profile.Python, link); err != nil {
			t.Fatal(err)
		}
		c.Profile.Python = link
	})
	t.Cleanup(func() { _ = os.Remove(link) })
	s.eventually("it is full", func() bool { return s.metric("hotcell_cells", "state=ready") == 2 })
	_, zygote := s.cells()
	if err := os.Rename(link, link+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(zygote, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.eventually("it says so", func() bool {
		a := s.execute("def main(): pass")
		return a.http == 503 && a.problem.Code == "unavailable" && a.header.Get("Retry-After") != ""
	})
	if a := s.get("/readyz"); a.http != 503 || strings.Contains(a.body, "python") {
		t.Errorf("%d %s", a.http, a.body)
	}
	if err := os.Rename(link+"-away", link); err != nil {
		t.Fatal(err)
	}
	s.eventually("it has recovered", func() bool { return s.get("/readyz").http == 200 && s.execute("def main(): pass").http == 200 })
}

func TestZygotesAreReplacedWhenTheyHaveMadeEnough(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.Profile.ZygoteMaxCells = 8 })
	for range 20 {
		if a := s.execute(seedScript); a.http != 200 || a.Status != "ok" {
			t.Fatalf("%d %s", a.http, a.body)
		}
	}
	s.eventually("another generation", func() bool { return s.metric("hotcell_zygote_generation") >= 2 })
	s.eventually("the old one has gone", func() bool {
		pids, zygote := s.cells()
		parents := make(map[int]bool)
		for _, process := range testkit.Processes() {
			if slices.Contains(pids, process.PID) {
				parents[process.Parent] = true
			}
		}
		return len(parents) == 1 && parents[zygote]
	})
}

func TestSpawnModeExecAnswersAsWell(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.Profile.SpawnMode = protocol.ModeExec })
	for range 4 {
		if a := s.execute(seedScript); string(a.Result) != `{"mean":3.0,"max":5}` {
			t.Errorf("%s", a.body)
		}
	}
}

func TestOtherLibrariesNeedNoPandas(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.Profile.Preload = nil })
	if a := s.execute("import sys\ndef main(): return 'pandas' in sys.modules"); string(a.Result) != "false" {
		t.Errorf("%s", a.body)
	}
}

func TestAServiceThatCannotStartLeavesNothing(t *testing.T) {
	testkit.NeedsJails(t)
	dir := filepath.Join(state, "none")
	for name, change := range map[string]func(*config.Config){
		"no such environment": func(c *config.Config) { c.Profile.Python = "/nowhere" },
		"no such module":      func(c *config.Config) { c.Profile.Preload = []string{"nosuchmodule"} },
		"no such layer":       func(c *config.Config) { c.AllowMissing = []string{"nosuchlayer"} },
		"no such warm-up":     func(c *config.Config) { c.Profile.Warmup = "/nowhere.py" },
		"an address in use":   func(c *config.Config) { c.Listen = theService(t).Addr().String() },
	} {
		cfg := config.Default()
		cfg.Listen, cfg.StateDir, cfg.Profile.Python = "127.0.0.1:0", dir, testkit.Python(t)
		change(&cfg)
		s, err := supervisor.Start(t.Context(), cfg, discard)
		if err == nil {
			t.Errorf("%s: it started", name)
			_ = s.Close()
		}
		if left := directories(cfg.StateDir); len(left) > 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
	_ = os.Remove(dir)
}

func TestTheDefaultProfileReadsSpreadsheetsAndWritesTables(t *testing.T) {
	testkit.NeedsJails(t)
	s := start(t, func(c *config.Config) { c.Profile.PoolSize = 1 })
	a := s.execute(`
import io, sys
before = {"openpyxl", "jinja2", "tabulate"} & set(sys.modules)
import jinja2, pandas as pd
def main():
    frame, file = pd.DataFrame({"n": [1]}), io.BytesIO()
    frame.to_excel(file, index=False)
    return len(before), pd.read_excel(file).to_markdown(index=False), "<table" in frame.style.to_html(), jinja2.Template("{{ n }}").render(n=2)`, nil)
	if want := `[0,"|   n |\n|----:|\n|   1 |",true,"2"]`; string(a.Result) != want || a.Stderr != "" {
		t.Errorf("want %s, got %s", want, a.body)
	}
}

func TestAFailedImportTellsWhichPackagesThereAre(t *testing.T) {
	testkit.NeedsJails(t)
	s := start(t, func(c *config.Config) { c.Profile.Preload, c.Profile.PoolSize = nil, 1 })
	for name, c := range map[string]struct {
		script string
		fields fields
		want   string // in the hint; empty: there is none
	}{
		"as the script's first line": {"import torch\ndef main(): pass", nil, "hotcell profile add NAME torch"},
		"in main":                    {"def main(): import torch.nn", nil, "openpyxl, pandas, tabulate and what these need"},
		"another error":              {"def main(): raise ImportError('No module named \\'x\\'')", nil, ""},
	} {
		a := s.execute(c.script, c.fields)
		if a.Error == nil || (a.Error.Hint != "") != (c.want != "") || !strings.Contains(a.Error.Hint, c.want) {
			t.Errorf("%s: %s", name, a.body)
		}
	}
}
