package fidelity_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const (
	ended = "ended" // the process with it, or it did not end

	stuck       = 5 * time.Minute // without a word of a module, it is ended; imports on a busy machine take minutes
	maxAttempts = 12              // to run what is left of a module whose process has ended
)

// collector reads the lines of suite.py from whatever else a module prints.
type collector struct {
	mu      sync.Mutex
	line    []byte
	report  report
	running string // the test
	done    bool
	heard   time.Time
}

func (c *collector) Write(data []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range data {
		if b != '\n' {
			c.line = append(c.line, b)
			continue
		}
		c.read(c.line)
		c.line = c.line[:0]
	}
	return len(data), nil
}

func (c *collector) read(line []byte) {
	text, ours := bytes.CutPrefix(line, []byte("\x1e"))
	var parts []string
	if !ours || json.Unmarshal(text, &parts) != nil || len(parts) == 0 {
		return
	}
	c.heard = time.Now()
	switch what := parts[0]; {
	case what == "done":
		c.done = true
	case what == "start":
		c.running = parts[1]
	default:
		if _, again := c.report[parts[1]]; !again || what != passed {
			c.report[parts[1]] = outcome{what, parts[2]}
		}
		c.running = ""
	}
}

func (c *collector) silence() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.heard)
}

// side runs suite.py with arguments, and returns how that ended.
type side func(ctx context.Context, args []string, output io.Writer) string

// run runs a module without the tests of skip. Where a test takes the process with it,
// or hangs, the tests that are left run in another. Where it ends before its tests, or
// between two, that counts if it does so again.
func (s side) run(ctx context.Context, kind, module string, skip []string) report {
	all := make(report)
	again := true
	for range maxAttempts {
		args := append([]string{kind, module, "but"}, skip...)
		for id := range all {
			args = append(args, id)
		}
		if s.attempt(ctx, args, module, all) {
			if !again || all[module].what != ended || ctx.Err() != nil {
				break
			}
			again = false
			delete(all, module)
		}
	}
	return all
}

// again runs these tests of a module, each in a process of its own, and notes what came
// of them.
func (s side) again(ctx context.Context, kind, module string, ids []string, all report) {
	for _, id := range ids {
		once := make(report)
		s.attempt(ctx, []string{kind, module, "only", id}, module, once)
		if outcome, ran := once[id]; ran {
			all[id] = outcome
		}
	}
}

// settle runs what counts against a module again, twice at most: what depends on the
// load of the machine comes out otherwise then.
func settle(ctx context.Context, known *table, kind, module string, in, out side, here, there report) {
	const most = 20 // more do not fail from load
	for range 2 {
		if theirs, ours := known.doubtful(module, there, here); len(theirs)+len(ours) <= most {
			out.again(ctx, kind, module, theirs, there)
			in.again(ctx, kind, module, ours, here)
		}
	}
}

// attempt runs suite.py once, and returns whether nothing is left to run.
func (s side) attempt(ctx context.Context, args []string, module string, all report) (done bool) {
	c := &collector{report: all, heard: time.Now()}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for within.Err() == nil {
			select {
			case <-within.Done():
			case <-time.After(time.Second):
				if c.silence() > stuck {
					cancel()
				}
			}
		}
	}()
	how := s(within, args, c)
	if c.done || ctx.Err() != nil {
		return true
	}
	if c.running == "" { // before its tests, between them or after
		all[module] = outcome{ended, how}
		return true
	}
	all[c.running] = outcome{ended, how}
	return false
}

// inside runs it in a fresh cell.
func inside(jail *nsjail.Jail, script string) side {
	limits := testjail.Limits
	limits.Wall, limits.CPU, limits.MemoryBytes, limits.DiskBytes = 20*time.Minute, 20*time.Minute, 4<<30, 1<<30
	limits.OutputBytes, limits.Processes = 64<<20, 256
	return func(ctx context.Context, args []string, output io.Writer) string {
		cell, err := jail.Spawn(ctx)
		if err != nil {
			return err.Error()
		}
		defer cell.Close()
		given, err := json.Marshal(args)
		if err != nil {
			return err.Error()
		}
		verdict, err := cell.Run(ctx, nsjail.Job{Mode: protocol.ScriptProgram, Script: script, Args: given, Limits: limits, Output: func(stream nsjail.Stream, data []byte) {
			if stream == nsjail.Stdout {
				_, _ = output.Write(data)
			}
		}})
		if err != nil {
			return err.Error()
		}
		how := fmt.Sprintf("%s %s %s", verdict.Status, verdict.Limit, verdict.Signal)
		if verdict.Error != nil {
			how += " " + verdict.Error.Type + ": " + verdict.Error.Message
		}
		return strings.TrimSpace(how)
	}
}

// outside runs it as an ordinary user, without a jail: only with a root file system,
// a /tmp and process ids of its own, so that nothing is left.
func outside(t *testing.T, root, python, script string) side {
	t.Helper()
	// The shell stays, and all processes of its namespace with it: it is killed when
	// unshare is. A process that has changed its user would not be.
	const setUp = `set -e
mount -t tmpfs tmp /run; cat > /run/script.py
mount --rbind /dev "$R/dev"; mount -t proc proc "$R/proc"; mount -t tmpfs -o mode=1777 tmp "$R/tmp"
install -d -o 65534 -g 65534 "$R/tmp/work"; cp /run/script.py "$R/tmp/script.py"
env -i --default-signal HOME=/tmp/work LANG=C.UTF-8 TZ=UTC PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
  chroot --userspec=65534:65534 "$R" sh -c 'cd /tmp/work && "$0" /tmp/script.py "$@" </dev/null; exit $?' "$P" "$@" || exit`
	return func(ctx context.Context, args []string, output io.Writer) string {
		cmd := exec.CommandContext(ctx, "unshare", append([]string{"--mount", "--pid", "--fork", "--kill-child", "sh", "-c", setUp, "sh"}, args...)...)
		cmd.Env = append(os.Environ(), "R="+root, "P="+python)
		cmd.Stdin, cmd.Stdout, cmd.WaitDelay = strings.NewReader(script), output, 5*time.Second
		if os.Getenv("HOTCELL_TEST_LOG") != "" {
			cmd.Stderr = os.Stderr
		}
		err := cmd.Run()
		var status *exec.ExitError
		if err != nil && !errors.As(err, &status) {
			t.Error(err)
		}
		return fmt.Sprint(err)
	}
}

func TestWhatFailsOnceMayPassWhenItRunsAgain(t *testing.T) {
	pass, fail := outcome{passed, ""}, outcome{"failed", "why"}
	for name, c := range map[string]struct {
		there, here report // at first
		passes      string // outside and in a cell, when it runs alone for the second time
		wrong       bool
	}{
		"it passes in a cell then":   {report{"m.T.a": pass, "m.T.known": pass}, report{"m.T.a": fail}, "m.T.a", false},
		"it fails in a cell again":   {report{"m.T.a": pass, "m.T.known": pass}, report{"m.T.a": fail}, "", true},
		"the known passes outside":   {report{"m.T.known": fail}, report{}, "m.T.known", false},
		"the known fails there, too": {report{"m.T.known": fail}, report{}, "", true},
	} {
		k := &table{entries: map[place]string{{"m", "T.known"}: "why"}}
		times := 0
		alone := func(_ context.Context, args []string, output io.Writer) string {
			if args[2] != "only" || len(args) != 4 {
				t.Errorf("%s: %q", name, args)
			}
			what := "failed"
			if times++; times == 2 && args[3] == c.passes {
				what = passed
			}
			fmt.Fprintf(output, "\x1e[\"start\", %q]\n\x1e[%q, %q, \"\"]\n\x1e[\"done\"]\n", args[3], what, args[3])
			return ""
		}
		settle(t.Context(), k, "unittest", "m", alone, alone, c.here, c.there)
		if wrong := k.judge("m", c.there, c.here); (len(wrong) > 0) != c.wrong {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestAModuleThatEndsBeforeItsTestsRunsOnceMore(t *testing.T) {
	for passesAt, want := range map[int]string{1: passed, 2: passed, 3: ""} {
		times := 0
		s := side(func(_ context.Context, _ []string, output io.Writer) string {
			if times++; times >= passesAt {
				fmt.Fprintf(output, "\x1e[\"start\", \"m.T.a\"]\n\x1e[%q, \"m.T.a\", \"\"]\n\x1e[\"done\"]\n", passed)
			}
			return "signal: killed"
		})
		if got := s.run(t.Context(), "unittest", "m", nil); got["m.T.a"].what != want || (got["m"].what == ended) != (want == "") {
			t.Errorf("it passes the %d. time: %v", passesAt, got)
		}
	}
}
