package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/client/metrics"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Tests that need jails make real ones. One service with the default configuration
// serves most of them. At the end nothing may be left of any service.
var (
	state      string // the parent of all state directories
	shared     *service
	sharedOnce sync.Once
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	leftovers := testkit.WatchLeftovers("")
	var err error
	if state, err = testkit.OpenDir("", "hotcell-test-"); err != nil {
		fmt.Println(err)
		return 1
	}
	code := m.Run()
	if shared != nil {
		shared.drain()
	}
	http.DefaultClient.CloseIdleConnections()
	if left := directories(state); len(left) > 0 {
		fmt.Println("left in the state directory:", left)
		code = 1
	}
	_ = os.RemoveAll(state)
	if err := leftovers.Check(); err != nil {
		fmt.Println(err)
		return 1
	}
	return code
}

func directories(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// service is a running service, and a client of it.
type service struct {
	t testing.TB
	*supervisor.Service
	url string
	key string // sent with requests; empty: no key
	dir string // its state directory
	log *testkit.Log
}

var discard = slog.New(slog.DiscardHandler)

// theService returns the service that tests share.
func theService(t testing.TB) *service {
	t.Helper()
	testkit.NeedsJails(t)
	sharedOnce.Do(func() { shared = open(t, func(*config.Config) {}) })
	if shared == nil {
		t.Fatal("the shared service did not start")
	}
	return shared.as(t).telling()
}

// as makes failures of s failures of t.
func (s *service) as(t testing.TB) *service {
	other := *s
	other.t = t
	return &other
}

// start starts a service for one test.
func start(t testing.TB, change func(*config.Config)) *service {
	t.Helper()
	testkit.NeedsJails(t)
	s := open(t, change).telling()
	t.Cleanup(s.drain)
	return s
}

// telling prints the end of the log if the test fails.
func (s *service) telling() *service {
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("the end of the log of %s:\n%s", s.url, s.log.Tail())
		}
	})
	return s
}

func open(t testing.TB, change func(*config.Config)) *service {
	t.Helper()
	dir, err := testkit.OpenDir(state, "hotcell-test-")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Listen, cfg.StateDir, cfg.Version = "127.0.0.1:0", dir, "v0-test"
	cfg.Profile.Root, cfg.Profile.Python = os.Getenv("HOTCELL_ROOT"), testkit.Python(t)
	cfg.Snapshot = os.Getenv("HOTCELL_TEST_SNAPSHOT") != "no"
	cfg.MaxExpectedWait = time.Minute // a slow machine must not refuse what a test sends at once
	change(&cfg)
	log := new(testkit.Log)
	s, err := supervisor.Start(t.Context(), cfg, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	return &service{t: t, Service: s, url: "http://" + s.Addr().String(), dir: dir, log: log}
}

// drain stops the service, and checks that its state directory is gone.
func (s *service) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
	defer cancel()
	s.Drain(ctx)
	if err := s.Close(); err != nil {
		s.t.Error(err)
	}
	if left := directories(s.dir); len(left) > 0 {
		s.t.Errorf("left in the state directory: %v", left)
	}
	_ = os.Remove(s.dir)
}

// answer is an answer as a client sees it.
type answer struct {
	http   int
	header http.Header
	body   string
	client.Answer
	problem api.Problem
}

// do sends a request, and holds what comes back to the contract. JSON-RPC stays text.
func (s *service) do(r *http.Request) answer {
	s.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{http: response.StatusCode, header: response.Header, body: string(body)}
	switch kind := response.Header.Get("Content-Type"); {
	case kind == "application/problem+json":
		err = json.Unmarshal(body, &a.problem)
	case kind == "application/json" && r.URL.Path != "/mcp":
		err = json.Unmarshal(body, &a.Answer)
	}
	if err != nil {
		s.t.Fatalf("%v: %.500s", err, body)
	}
	s.holdToContract(r, a)
	return a
}

func (s *service) request(method, path, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	return r
}

func (s *service) get(path string) answer {
	s.t.Helper()
	return s.do(s.request("GET", path, ""))
}

// fields are the fields of a request besides the script.
type fields map[string]any

func (s *service) execute(script string, more ...fields) answer {
	s.t.Helper()
	return s.do(s.request("POST", "/execute", encode(s.t, script, more...)))
}

func encode(t testing.TB, script string, more ...fields) string {
	t.Helper()
	request := fields{"script": script}
	for _, f := range more {
		for name, value := range f {
			request[name] = value
		}
	}
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// metric returns a value of /metrics; labels are "name=value".
func (s *service) metric(name string, labels ...string) float64 {
	s.t.Helper()
	sample, err := metrics.Parse(strings.NewReader(s.get("/metrics").body), time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	var pairs []string
	for _, label := range labels {
		key, value, _ := strings.Cut(label, "=")
		pairs = append(pairs, key, value)
	}
	if value := sample.Value(name, pairs...); value != nil {
		return *value
	}
	s.t.Fatalf("no metric %s %v", name, labels)
	return 0
}

// eventually waits until is returns true; what describes the condition.
func (s *service) eventually(what string, is func() bool) {
	s.t.Helper()
	testkit.Eventually(s.t, what, is, func() string { return s.get("/readyz?verbose").body })
}

// cells returns the pids of the service's cells on the host, and of their parent, the
// zygote.
func (s *service) cells() (pids []int, zygote int) {
	s.t.Helper()
	lists, _ := filepath.Glob(filepath.Join(s.dir, "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		root, _, _ := strings.Cut(string(text), "\n")
		_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasPrefix(filepath.Base(filepath.Dir(path)), "cell-") || entry.Name() != "cgroup.procs" {
				return nil
			}
			procs, _ := os.ReadFile(path)
			for line := range strings.Lines(string(procs)) {
				var pid int
				if _, err := fmt.Sscan(line, &pid); err == nil {
					pids = append(pids, pid)
				}
			}
			return nil
		})
	}
	for _, process := range testkit.Processes() {
		if len(pids) > 0 && process.PID == pids[0] {
			zygote = process.Parent
		}
	}
	return pids, zygote
}
