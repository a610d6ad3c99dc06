package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// poolSize is how many cells the service keeps ready.
const poolSize = 6

// program is a running `hotcell serve`.
type program struct {
	t       testing.TB
	cmd     *exec.Cmd
	address string
	url     string
	state   string // its state directory
	log     *lines
	done    chan struct{} // closed when it has ended
	err     error         // how it ended
}

// lines collects what a process writes while others read it.
type lines struct {
	path string // the file where it is, if it goes to one

	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	if l.path != "" {
		text, _ := os.ReadFile(l.path)
		return string(text)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// tail is the end of it, without the lines of requests that went well.
func (l *lines) tail() string {
	var kept []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "msg=request") || strings.Contains(line, "level=ERROR") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-40):], "")
}

func needsJails(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	const why = "this test makes real jails and needs root"
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// pythonEnv is the environment that make build makes.
func pythonEnv(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("HOTCELL_PYTHON")
	if dir == "" {
		dir = "../build/python"
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, "pyvenv.cfg"))
	}
	if err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return dir
}

// newState makes a state directory that jails can reach.
func newState(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(workDir, "state-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// freeAddress is one where the next instance can listen too.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// command is `hotcell serve`, not yet started. before is a command line that
// executes the rest of its arguments.
func command(t testing.TB, before []string, state, address string, flags ...string) *exec.Cmd {
	args := append(before[:len(before):len(before)], binary, "serve", "--listen", address, "--pool-size", strconv.Itoa(poolSize))
	args = append(args, flags...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // else it would outlive a test that panics
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.Getenv("TMPDIR"), "HOTCELL_PYTHON=" + pythonEnv(t), "HOTCELL_STATE_DIR=" + state,
		"GORACE=atexit_sleep_ms=0"} // else the race detector lets each end take a second
	return cmd
}

// start returns when the service is ready.
func start(t testing.TB, before []string, state, address string, flags ...string) *program {
	t.Helper()
	p := launch(t, before, state, address, flags...)
	p.mustServe()
	return p
}

func (p *program) mustServe() {
	p.t.Helper()
	p.eventually("it serves and is ready", func() bool { return p.serves() && p.ready() })
}

func launch(t testing.TB, before []string, state, address string, flags ...string) *program {
	t.Helper()
	needsJails(t)
	p := &program{t: t, cmd: command(t, before, state, address, flags...), address: address, url: "http://" + address, state: state, log: new(lines), done: make(chan struct{})}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if t.Failed() {
			t.Logf("the end of its log:\n%s", p.log.tail())
		}
	})
	return p
}

func (p *program) serves() bool { return strings.Contains(p.log.String(), "msg=serving") }

func (p *program) signal(signal syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Error(err)
	}
}

// patience is for what should take a moment, on machines that others use too.
const patience = 20 * time.Second

func (p *program) eventually(what string, is func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
		select {
		case <-p.done:
			p.t.Fatalf("hotcell ended (%v), and not yet: %s\n%s", p.err, what, p.log.tail())
		default:
		}
	}
	ready, _ := p.get("/readyz?verbose")
	p.t.Fatalf("not within %v: %s\n%s", patience, what, ready)
}

// asker is for questions beside the load; each has a connection of its own.
var asker = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

func (p *program) get(path string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, p.url+path, nil)
	if err != nil {
		return "", err
	}
	authorize(request, secret)
	response, err := asker.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d", response.StatusCode)
	}
	return string(text), err
}

func (p *program) ready() bool {
	_, err := p.get("/readyz")
	return err == nil
}

var sample = regexp.MustCompile(`(?m)^([a-z_]+(?:\{[^}]*\})?) (\S+)$`)

// figures are those of /metrics, by name with labels; nil without an answer.
func (p *program) figures() map[string]float64 {
	text, err := p.get("/metrics")
	if err != nil {
		return nil
	}
	found := make(map[string]float64)
	for _, match := range sample.FindAllStringSubmatch(text, -1) {
		if value, err := strconv.ParseFloat(match[2], 64); err == nil {
			found[match[1]] = value
		}
	}
	return found
}

func cellsThat(state string) string {
	return fmt.Sprintf(`hotcell_cells{profile="default",state="%s"}`, state)
}

// idle says that no cell is being made, used or removed, and all that should be
// ready are.
func idle(figures map[string]float64) bool {
	return figures != nil && figures[cellsThat("ready")] == poolSize && figures[cellsThat("making")]+figures[cellsThat("claimed")]+figures[cellsThat("destroying")] == 0
}

// process is one line of the process table.
type process struct {
	pid, parent int
	name        string
	zombie      bool
}

func processes() []process {
	var all []process
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		head, tail, _ := strings.Cut(string(text), ") ")
		number, name, _ := strings.Cut(head, " (")
		fields := strings.Fields(tail)
		pid, err := strconv.Atoi(number)
		if err != nil || len(fields) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, process{pid, parent, name, fields[0] == "Z"})
	}
	return all
}

func childrenOf(all []process, parent int) []process {
	var found []process
	for _, one := range all {
		if one.parent == parent && !one.zombie {
			found = append(found, one)
		}
	}
	return found
}

// tree is the service's processes. In spawn mode fork there is one of each of
// the first three, except while generations change.
type tree struct {
	nsjails, inits, zygotes, cells []process
}

func (p *program) tree() tree {
	all := processes()
	found := tree{nsjails: childrenOf(all, p.cmd.Process.Pid)}
	below := func(parents []process) (children []process) {
		for _, parent := range parents {
			children = append(children, childrenOf(all, parent.pid)...)
		}
		return children
	}
	found.inits = below(found.nsjails)
	found.zygotes = below(found.inits)
	found.cells = below(found.zygotes)
	return found
}

// cgroups are the directories of the instances of a state directory, and all
// below them.
func cgroups(state string) []string {
	var found []string
	lists, _ := filepath.Glob(filepath.Join(state, "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for root := range strings.Lines(string(text)) {
			_ = filepath.WalkDir(strings.TrimSpace(root), func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					found = append(found, path)
				}
				return nil
			})
		}
	}
	return found
}

// gone says that a path is not there.
func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
