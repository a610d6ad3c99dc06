package faults_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// poolSize is how many cells the service keeps ready.
const poolSize = 6

// program is a running `hotcell serve`.
type program struct {
	*testkit.Program
	t       testing.TB
	address string
	url     string
	state   string // its state directory
	zygotes int    // that it has; 0: one
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

// command returns `hotcell serve`, not yet started. before is a command line that
// runs the rest of its arguments.
func command(t testing.TB, before []string, state, address string, flags ...string) *exec.Cmd {
	args := append(before[:len(before):len(before)], binary, "serve", "--listen", address, "--pool-size", strconv.Itoa(poolSize))
	args = append(args, flags...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(testkit.Places(t), "PATH="+os.Getenv("PATH"), "TMPDIR="+os.Getenv("TMPDIR"), "HOTCELL_STATE_DIR="+state, "HOTCELL_JOBS_DIR="+state+"-jobs",
		"GORACE=atexit_sleep_ms=0") // otherwise the race detector makes each exit take a second
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
	testkit.NeedsJails(t)
	cmd := command(t, before, state, address, flags...)
	return &program{Program: testkit.Start(t, cmd), t: t, address: address, url: "http://" + address, state: state}
}

func (p *program) serves() bool { return strings.Contains(p.Log.String(), "msg=serving") }

func (p *program) eventually(what string, is func() bool) {
	p.t.Helper()
	p.Eventually(what, is)
}

// asker sends the requests that are not part of the load, each on a connection of its
// own.
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

// figures returns the values of /metrics, by name with labels; nil without an answer.
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

// idle reports whether no cell is being made, used or removed, and the pool is full.
func idle(figures map[string]float64) bool {
	return figures != nil && figures[cellsThat("ready")] == poolSize && figures[cellsThat("making")]+figures[cellsThat("claimed")]+figures[cellsThat("destroying")] == 0
}

func childrenOf(all []testkit.Process, parent int) []testkit.Process {
	var found []testkit.Process
	for _, one := range all {
		if one.Parent == parent && !one.Zombie {
			found = append(found, one)
		}
	}
	return found
}

// tree holds the service's processes. In spawn mode fork there is one of each of the
// first three for each zygote, except while a generation replaces another.
type tree struct {
	nsjails, inits, zygotes, cells []testkit.Process
}

func (p *program) tree() tree {
	all := testkit.Processes()
	found := tree{nsjails: childrenOf(all, p.Process.Pid)}
	below := func(parents []testkit.Process) (children []testkit.Process) {
		for _, parent := range parents {
			children = append(children, childrenOf(all, parent.PID)...)
		}
		return children
	}
	found.inits = below(found.nsjails)
	found.zygotes = below(found.inits)
	found.cells = below(found.zygotes)
	return found
}

// gone reports whether the path does not exist.
func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
