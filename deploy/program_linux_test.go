package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// asker queries hotcell and Prometheus; load has a client of its own.
var asker = &http.Client{Timeout: 10 * time.Second}

// launch starts a program, and stops it with SIGTERM at the end of the test.
func launch(t *testing.T, env []string, name string, args ...string) *testkit.Program {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p := testkit.Start(t, cmd)
	t.Cleanup(func() {
		_ = p.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.Done:
		case <-time.After(testkit.Patience):
			t.Errorf("%s does not end", name)
		}
	})
	return p
}

func eventually(t *testing.T, what string, is func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(testkit.Patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = is(); err == nil {
			return
		}
	}
	t.Fatalf("not within %v: %s: %v", testkit.Patience, what, err)
}

// get decodes a JSON answer into answer, unless that is nil.
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

// hotcell is a running `hotcell serve` with two keys.
type hotcell struct {
	*testkit.Program
	address             string
	loadKey, metricsKey string
}

func startHotcell(t *testing.T) *hotcell {
	t.Helper()
	testkit.NeedsJails(t)
	dir, err := testkit.OpenDir("", "hotcell-deploy-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "hotcell")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/hotcell").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	h := &hotcell{address: testkit.FreeAddress(t)}
	keys := filepath.Join(dir, "keys.yaml")
	h.loadKey = newKey(t, binary, keys, "reports", "execute,sessions")
	h.metricsKey = newKey(t, binary, keys, "prometheus", "admin")
	h.Program = launch(t, append(testkit.Places(t), "HOTCELL_STATE_DIR="+dir, "HOTCELL_JOBS_DIR="+dir+"/jobs"), binary, "serve", "--listen", h.address, "--keys", keys,
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
	*testkit.Program
	url string
}

// startPrometheus runs it with the configuration that the compose file mounts, with
// other intervals and addresses.
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
	address := testkit.FreeAddress(t)
	p := &prometheus{url: "http://" + address + "/api/v1/"}
	p.Program = launch(t, nil, binary, "--config.file", configFile, "--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", address, "--log.level", "warn")
	eventually(t, "Prometheus is ready", func() error { return get("http://"+address+"/-/ready", nil) })
	return p
}

// series is one line of a panel.
type series struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values"` // seconds, and a number as text
}

// during returns the result of a query for each second from begin to end.
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

// rule is a rule, as Prometheus last evaluated it.
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
