package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is for what should take a moment, on machines that others use too.
const patience = 30 * time.Second

// asker asks hotcell and Prometheus; load has a client of its own.
var asker = &http.Client{Timeout: 10 * time.Second}

// process is a program that runs until the test's end.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	mu   sync.Mutex
	text bytes.Buffer // its standard error
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// launch ends it with SIGTERM at the test's end.
func launch(t *testing.T, env []string, name string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p.cmd.Stderr = p
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // else it would outlive a test that panics
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended does not matter
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(patience):
			t.Errorf("%s does not end", name)
			_ = p.cmd.Process.Kill()
		}
		if t.Failed() {
			log := p.log()
			t.Logf("the end of the log of %s:\n%s", filepath.Base(name), log[max(0, len(log)-4000):])
		}
	})
	return p
}

func eventually(t *testing.T, what string, is func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = is(); err == nil {
			return
		}
	}
	t.Fatalf("not within %v: %s: %v", patience, what, err)
}

// get decodes JSON into answer, unless that is nil.
func get(address string, answer any) error {
	response, err := asker.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("HTTP %d: %.300s", response.StatusCode, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// hotcell is a running `hotcell serve` with two keys.
type hotcell struct {
	*process
	address             string
	loadKey, metricsKey string
}

func startHotcell(t *testing.T) *hotcell {
	t.Helper()
	if os.Geteuid() != 0 {
		skipOrFail(t, "this test makes real jails and needs root")
	}
	dir, err := os.MkdirTemp("", "hotcell-deploy-") // not t.TempDir, which jails cannot reach
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	python := os.Getenv("HOTCELL_PYTHON")
	if python == "" {
		python, _ = filepath.Abs("../build/python")
	}
	binary := filepath.Join(dir, "hotcell")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/hotcell").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	h := &hotcell{address: freeAddress(t)}
	keys := filepath.Join(dir, "keys.yaml")
	h.loadKey = newKey(t, binary, keys, "reports", "execute,sessions")
	h.metricsKey = newKey(t, binary, keys, "prometheus", "admin")
	h.process = launch(t, []string{"HOTCELL_PYTHON=" + python, "HOTCELL_STATE_DIR=" + dir}, binary, "serve", "--listen", h.address, "--keys", keys,
		"--pool-size", "2", "--pool-max", "6", "--pool-shrink-after", "2s", "--max-running", "6", "--max-waiting", "4")
	eventually(t, "hotcell is ready", func() error { return get("http://"+h.address+"/readyz", nil) })
	return h
}

// newKey adds a key to the file and returns it.
func newKey(t *testing.T, binary, file, name, rights string) string {
	t.Helper()
	text, err := exec.Command(binary, "key", "new", name, "--json", "--rights", rights).Output()
	var made struct {
		Key   string `json:"key"`
		Entry string `json:"entry"`
	}
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil || made.Key == "" {
		t.Fatalf("hotcell key new: %v", err)
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = out.WriteString(made.Entry)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.Key
}

// prometheus is a running Prometheus.
type prometheus struct {
	*process
	url string
}

// startPrometheus runs it with the configuration that the compose file mounts,
// but for times and addresses.
func startPrometheus(t *testing.T, target, key string) *prometheus {
	t.Helper()
	binary := tool(t, "prometheus")
	dir := t.TempDir()
	keyFile := filepath.Join(dir, "key")
	if err := os.WriteFile(keyFile, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs("prometheus")
	if err != nil {
		t.Fatal(err)
	}
	config := read(t, "prometheus/prometheus.yml")
	for old, replacement := range map[string]string{
		": 15s": ": 1s", "/etc/prometheus/": rules + "/", "/run/secrets/metrics_key": keyFile, "hotcell:8080": target,
	} {
		if !strings.Contains(config, old) {
			t.Fatalf("prometheus.yml has no %q", old)
		}
		config = strings.ReplaceAll(config, old, replacement)
	}
	configFile := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(configFile, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool(t, "promtool"), "check", "config", configFile).CombinedOutput(); err != nil {
		t.Fatalf("promtool check config: %v\n%s", err, out)
	}
	address := freeAddress(t)
	p := &prometheus{url: "http://" + address + "/api/v1/"}
	p.process = launch(t, nil, binary, "--config.file", configFile, "--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", address, "--log.level", "warn")
	eventually(t, "Prometheus is ready", func() error { return get("http://"+address+"/-/ready", nil) })
	return p
}

// series is one line of a panel.
type series struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values"` // seconds, and a number as text
}

// during is what a query gave in each second from begin to end.
func (p *prometheus) during(query string, begin, end time.Time) ([]series, error) {
	var answer struct {
		Data struct {
			Result []series `json:"result"`
		} `json:"data"`
	}
	err := get(p.url+"query_range?"+url.Values{
		"query": {query}, "step": {"1"}, "start": {begin.Format(time.RFC3339)}, "end": {end.Format(time.RFC3339)},
	}.Encode(), &answer)
	return answer.Data.Result, err
}

// rule is a rule as Prometheus has evaluated it last.
type rule struct {
	Name      string `json:"name"`
	Type      string `json:"type"` // recording or alerting
	Query     string `json:"query"`
	Health    string `json:"health"`
	LastError string `json:"lastError"`
	State     string `json:"state"` // of an alert: inactive, pending, firing
}

func (p *prometheus) rules() ([]rule, error) {
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []rule `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	err := get(p.url+"rules", &answer)
	var all []rule
	for _, group := range answer.Data.Groups {
		all = append(all, group.Rules...)
	}
	return all, err
}
