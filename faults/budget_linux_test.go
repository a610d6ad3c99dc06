package faults_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// budgetMemory is the memory that the service may use, with settings that make its
// limits small enough to be reached quickly.
const budgetMemory = 320 << 20

var budgetFlags = []string{
	"--max-memory", strconv.Itoa(budgetMemory), "--max-running", "8", "--max-waiting", "64", "--max-body", "1MiB", "--preload", "", "--max-connections", "500",
	"--limits-max-output", "4MiB", "--limits-max-result", "8MiB", "--limits-max-files", "8MiB",
}

// crowd is many clients of one key, and counts of their answers.
type crowd struct {
	t       *testing.T
	p       *program
	key     string
	answers atomic.Int64
	refused atomic.Int64
	broken  atomic.Int64
}

// all runs that many clients at the same time.
func (c *crowd) all(clients int, client func()) {
	var group sync.WaitGroup
	for range clients {
		group.Go(client)
	}
	group.Wait()
}

func (c *crowd) head(path string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: %d\r\n\r\n", path, c.key, length)
}

// post sends a request and reads its whole answer.
func (c *crowd) post(path string, body []byte) {
	request, err := http.NewRequest("POST", c.p.url+path, bytes.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	request.Header.Set("Content-Type", "application/json")
	if path == "/mcp" {
		request.Header.Set("Accept", "application/json, text/event-stream")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.broken.Add(1) // refused while it was still sending
		return
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	switch {
	case err != nil || response.ContentLength >= 0 && n != response.ContentLength:
		c.broken.Add(1)
	case response.StatusCode == http.StatusOK:
		c.answers.Add(1)
	default:
		c.refused.Add(1)
	}
}

func (c *crowd) metrics() string {
	request, err := http.NewRequest("GET", c.p.url+"/metrics", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return string(text)
}

// silent sends the first bytes of a request, waits, and sends the rest. It reads
// nothing.
func (c *crowd) silent(path string, body []byte, first int, wait time.Duration) {
	conn, err := net.Dial("tcp", c.p.address)
	if err != nil {
		c.broken.Add(1)
		return
	}
	defer conn.Close()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4 << 10)
	}
	_ = conn.SetDeadline(time.Now().Add(wait + 5*time.Second))
	text := append([]byte(c.head(path, len(body))), body...)
	from := len(text) - len(body) + first
	_, _ = conn.Write(text[:from])
	time.Sleep(wait)
	_, _ = conn.Write(text[from:])
}

// largest is a request of a few hundred bytes with the largest possible answer.
const largest = `{"script": "import os\ndef main():\n chunk = b'\\x01' * (1 << 20)\n for n in range(4):\n  os.write(1, chunk if n < 3 else chunk[:-1]); os.write(2, chunk if n < 3 else chunk[:-1])\n for n in range(7):\n  open(f'f{n}', 'wb').write(chunk)\n return 'x' * (7 << 20)\n",
	"collect": ["*"], "limits": {"output_bytes": 4194304, "result_bytes": 8388608, "files_bytes": 8388608}}`

func largeBodies() (plain, unknown, kwargs, tools []byte) {
	const size = 1<<20 - 200
	plain = []byte(`{"script": "def main(): return 1", "stdin": "` + strings.Repeat("x", size) + `"}`)
	var fields, members strings.Builder
	for i := 0; fields.Len() < size; i++ {
		fmt.Fprintf(&fields, `"f%d":1,`, i)
	}
	for i := 0; members.Len() < size; i++ {
		fmt.Fprintf(&members, `"a%d":1,`, i)
	}
	unknown = []byte(`{` + fields.String() + `"script": "def main(): return 1"}`)
	kwargs = []byte(`{"script": "def main(**k): return len(k)", "kwargs": {` + members.String() + `"z": 1}}`)
	tools = []byte(`{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "run_python", "arguments": {"code": "1", "stdin": "` + strings.Repeat("x", size) + `"}}}`)
	return
}

// limited moves a process into a cgroup with a limit. most returns the peak of its
// memory.
func (h house) limited(t *testing.T, pid, bytes int) (most func() int) {
	t.Helper()
	room := filepath.Join(h.dir, "service")
	err := os.WriteFile(filepath.Join(room, h.limitFile), []byte(strconv.Itoa(bytes)), 0)
	if err == nil {
		err = os.WriteFile(filepath.Join(room, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() int {
		for _, name := range []string{"memory.max_usage_in_bytes", "memory.peak"} {
			if text, err := os.ReadFile(filepath.Join(room, name)); err == nil {
				n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
				return n
			}
		}
		return -1
	}
}

// resident returns the peak of a process's resident memory, in bytes.
func resident(pid int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	var kib int
	_, _ = fmt.Sscan(after, &kib)
	return kib << 10
}

// Clients try to make the service use more memory than it may. The process is in a
// memory cgroup with exactly that limit: if it needed more, the kernel would kill it.
// Meanwhile the requests of another key are answered.
func TestNoClientsMakeItPassItsMemory(t *testing.T) {
	withoutRaceDetector(t)
	keys := filepath.Join(workDir, "budget-keys.yaml")
	secrets := make(map[string]string)
	var entries bytes.Buffer
	for _, name := range []string{"crowd", "honest"} {
		secret, entry := newKey(t, name)
		secrets[name] = secret
		entries.WriteString(entry)
	}
	if err := os.WriteFile(keys, entries.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	p := start(t, nil, newState(t), testkit.OwnAddress(), append(budgetFlags, "--keys", keys)...)
	most := h.limited(t, p.Process.Pid, budgetMemory)
	plain, unknown, kwargs, tools := largeBodies()

	stop := make(chan struct{})
	honest := &crowd{t: t, p: p, key: secrets["honest"]}
	var beside sync.WaitGroup
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				honest.post("/execute", []byte(`{"script": "def main(): return 1"}`))
			}
		}
	})
	for _, row := range []struct {
		name string
		do   func(c *crowd)
	}{
		{"the largest answers", func(c *crowd) { c.all(12, func() { c.post("/execute", []byte(largest)) }) }},
		{"60 clients that do not read", func(c *crowd) {
			c.all(60, func() { c.silent("/execute", []byte(largest), len(largest), 6*time.Second) })
		}},
		{"200 large bodies that stall", func(c *crowd) { c.all(200, func() { c.silent("/execute", plain, len(plain)-1, 4*time.Second) }) }},
		{"200 large bodies", func(c *crowd) { c.all(200, func() { c.post("/execute", plain) }) }},
		{"100 large calls of tools", func(c *crowd) { c.all(100, func() { c.post("/mcp", tools) }) }},
		{"100 bodies of unknown fields", func(c *crowd) { c.all(100, func() { c.post("/execute", unknown) }) }},
		{"100 bodies of many arguments", func(c *crowd) { c.all(100, func() { c.post("/execute", kwargs) }) }},
	} {
		c := &crowd{t: t, p: p, key: secrets["crowd"]}
		began := time.Now()
		row.do(c)
		t.Logf("%-30s %6.1f s, %3d answered, %3d refused, %3d broken; resident at most %d MiB", row.name, time.Since(began).Seconds(),
			c.answers.Load(), c.refused.Load(), c.broken.Load(), resident(p.Process.Pid)>>20)
		select {
		case <-p.Done:
			t.Fatalf("%s: hotcell ended: %v", row.name, p.Wait())
		default:
		}
	}
	close(stop)
	beside.Wait()
	t.Logf("honest requests: %d answered, %d refused, %d broken; the cgroup held at most %d MiB", honest.answers.Load(), honest.refused.Load(), honest.broken.Load(), most()>>20)
	if honest.answers.Load() < 10 || honest.refused.Load() > 0 || honest.broken.Load() > 0 {
		t.Errorf("honest requests: %d answered, %d refused, %d broken", honest.answers.Load(), honest.refused.Load(), honest.broken.Load())
	}
	if held := resident(p.Process.Pid); held > budgetMemory {
		t.Errorf("%d bytes were resident, and the figure is %d", held, budgetMemory)
	}
	p.eventually("nothing is held any more", func() bool {
		text := honest.metrics()
		return strings.Contains(text, `hotcell_memory_reserved_bytes{kind="bodies"} 0`) && strings.Contains(text, `hotcell_memory_reserved_bytes{kind="answers"} 0`)
	})
	p.mustEndCleanly()
}

// newKey returns the secret of a new key, and its entry in a keys file.
func newKey(t *testing.T, name string) (secret, entry string) {
	t.Helper()
	out, err := exec.Command(binary, "key", "new", name, "--rights", "execute,admin", "--json").Output()
	var made struct{ Key, Entry string }
	if err == nil {
		err = json.Unmarshal(out, &made)
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.Key, made.Entry
}

// withoutRaceDetector makes the test use a program without the race detector, which
// needs several times the memory.
func withoutRaceDetector(t *testing.T) {
	t.Helper()
	before := binary
	binary = filepath.Join(t.TempDir(), "hotcell")
	t.Cleanup(func() { binary = before })
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/hotcell").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}
