package supervisor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// console is a client of GET /tty.
type console struct {
	t    testing.TB
	conn *websocket.Conn

	mu      sync.Mutex
	seen    bytes.Buffer
	from    int // the place in seen where expect goes on
	texts   []api.TerminalMessage
	closed  error // why the connection has ended, once it has
	reading sync.WaitGroup
}

// dial opens a connection, and sends no first message.
func (s *service) dial() *console {
	s.t.Helper()
	conn, response, err := websocket.Dial(s.t.Context(), s.url+"/tty", &websocket.DialOptions{
		Subprotocols: []string{api.TTYProtocol}, HTTPClient: &http.Client{Transport: withKey(s.key)},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols || conn.Subprotocol() != api.TTYProtocol || response.Header.Get("X-Request-Id") == "" {
		s.t.Errorf("%d %v", response.StatusCode, response.Header)
	}
	c := &console{t: s.t, conn: conn}
	s.t.Cleanup(func() { _ = conn.CloseNow(); c.reading.Wait() })
	return c
}

// tty opens a terminal of 80 columns and 24 rows.
func (s *service) tty(more fields) *console {
	s.t.Helper()
	first := fields{"cols": 80, "rows": 24}
	for name, value := range more {
		first[name] = value
	}
	text, err := json.Marshal(first)
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.dial()
	c.say(string(text))
	return c.watch()
}

func (c *console) say(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) types(keys string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageBinary, []byte(keys)); err != nil {
		c.t.Fatal(err)
	}
}

// watch reads everything that arrives from now on.
func (c *console) watch() *console {
	c.reading.Go(func() {
		for {
			kind, message, err := c.conn.Read(context.Background())
			c.mu.Lock()
			switch {
			case err != nil:
				c.closed = err
			case kind == websocket.MessageBinary:
				c.seen.Write(message)
			default:
				var text api.TerminalMessage
				if err := json.Unmarshal(message, &text); err != nil {
					c.t.Errorf("%v: %s", err, message)
				}
				c.texts = append(c.texts, text)
			}
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	return c
}

// expect waits until what appears, after the text that was expected before.
func (c *console) expect(what string) {
	c.t.Helper()
	c.await(func() bool {
		at := strings.Index(c.seen.String()[c.from:], what)
		if at >= 0 {
			c.from += at + len(what)
		}
		return at >= 0
	}, what)
}

func (c *console) await(is func() bool, what string) {
	c.t.Helper()
	for end := time.Now().Add(testkit.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		c.mu.Lock()
		done, closed := is(), c.closed
		c.mu.Unlock()
		if done {
			return
		}
		if closed != nil {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t.Fatalf("not seen: %s\n%q\n%+v %v", what, c.seen.String()[c.from:], c.texts, c.closed)
}

// end waits until the server closes the connection, and returns how, and its last
// message.
func (c *console) end() (websocket.CloseError, api.Exit) {
	c.t.Helper()
	c.await(func() bool { return c.closed != nil }, "the end")
	var code websocket.CloseError
	if !errors.As(c.closed, &code) {
		c.t.Fatalf("%v", c.closed)
	}
	if len(c.texts) == 0 || c.texts[len(c.texts)-1].Exit == nil {
		c.t.Fatalf("the last words were no exit: %+v, %v", c.texts, code)
	}
	return code, *c.texts[len(c.texts)-1].Exit
}

func show(e api.Exit) string {
	parts := []string{string(e.Status)}
	if e.Limit != nil {
		parts = append(parts, string(*e.Limit))
	}
	if e.ExitCode != nil {
		parts = append(parts, fmt.Sprint(*e.ExitCode))
	}
	if e.Signal != nil {
		parts = append(parts, *e.Signal)
	}
	return strings.Join(parts, " ")
}

func TestATerminalRunsAScript(t *testing.T) {
	s := theService(t)
	c := s.tty(fields{"env": fields{"NAME": "välue"}, "script": `
import os, sys
print(os.isatty(0), os.get_terminal_size(), os.environ["TERM"], os.environ["NAME"])
def main():
    name = input("name: ")
    print("hello", name)
    raise SystemExit(3)`})
	c.expect("True os.terminal_size(columns=80, lines=24) xterm-256color välue\r\nname: ")
	c.types("wörld\r")
	c.expect("hello wörld\r\n")
	code, exit := c.end()
	if code.Code != websocket.StatusNormalClosure || show(exit) != "exited 3" || exit.Usage.Wall <= 0 || *exit.Usage.CPU <= 0 || *exit.Usage.PeakMemoryBytes <= 0 {
		t.Errorf("%v %s %+v", code, show(exit), exit.Usage)
	}
	s.eventually("it is not counted any more", func() bool { return s.metric("hotcell_terminals") == 0 })
}

func TestATerminalWithoutAScriptIsAnInteractivePython(t *testing.T) {
	c := theService(t).tty(fields{"limits": fields{"memory_bytes": 512 << 20}})
	c.expect("numpy as np, pandas as pd")
	c.expect(">>> ")
	for _, line := range []struct{ keys, shows string }{
		{"1+1\r", "\r\n2\r\n"},
		{"np.arange(3).sum()\r", "int64(3)"},
		{"pd.__vers\t\r", "pd.__version__"}, // tab
		{"imp\tos\r", "import os"},
		{"7 * 191\r", "1337"},
		{"\x1b[A\r", "1337"}, // arrow up
		{"for i in range(3):\r print('line', i)\r\r", "line 2\r\n"},
	} {
		c.types(line.keys)
		c.expect(line.shows)
		c.expect(">>> ")
	}
	c.types("while True: pass\r\r")
	c.expect("while True: pass")
	c.types("\x03")
	c.expect("KeyboardInterrupt")
	c.expect(">>> ") // readline discards what was typed before its prompt
	c.types("\x04")
	if code, exit := c.end(); code.Code != websocket.StatusNormalClosure || show(exit) != "ok" {
		t.Errorf("%v %s", code, show(exit))
	}
}

func TestSizesAndSignalsComeAsTextMessages(t *testing.T) {
	c := theService(t).tty(fields{"script": `
import os, signal
signal.signal(signal.SIGWINCH, lambda *_: print("now", *os.get_terminal_size()))
signal.signal(signal.SIGUSR1, lambda *_: print("usr1"))
print("ready")
while True: signal.pause()`})
	c.expect("ready")
	c.say(`{"resize": {"cols": 132, "rows": 50}}`)
	c.expect("now 132 50\r\n")
	c.say(`{"signal": "SIGUSR1"}`)
	c.expect("usr1")
	c.say(`{"signal": "SIGINT"}`)
	c.expect("KeyboardInterrupt")
	if code, exit := c.end(); code.Code != websocket.StatusNormalClosure || show(exit) != "exception" {
		t.Errorf("%v %s", code, show(exit))
	}
}

func TestLimitsEndATerminal(t *testing.T) {
	s := theService(t)
	cases := []struct {
		name, script, want string
		limits             fields
	}{
		{"the wall clock", "print('tick')\nimport time\ntime.sleep(60)", "timeout wall", fields{"wall_ms": 2000}},
		{"CPU time", "print('tick')\nwhile True: pass", "timeout cpu", fields{"cpu_ms": 200}},
		{"memory", "print('tick')\nx = [bytearray(1 << 20) for _ in range(4096)]", "memory_limit memory", fields{"memory_bytes": 64 << 20}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			console := s.as(t).tty(fields{"script": c.script, "limits": c.limits})
			code, exit := console.end()
			if code.Code != websocket.StatusNormalClosure || show(exit) != c.want || !strings.HasPrefix(console.seen.String(), "tick\r\n") {
				t.Errorf("%v %s %q", code, show(exit), console.seen.String())
			}
		})
	}
}

func TestMoreOutputThanOutputBytesIsFineOnATerminal(t *testing.T) {
	c := theService(t).tty(fields{"script": "for n in range(50_000): print('x' * 50)\nprint('last')"})
	c.expect("last\r\n")
	if _, exit := c.end(); show(exit) != "ok" {
		t.Errorf("%s", show(exit))
	}
	if got := strings.Count(c.seen.String(), "x"); got != 2_500_000 {
		t.Errorf("%d", got)
	}
}

func TestAClientThatLeavesItsTerminalEndsIt(t *testing.T) {
	s := theService(t)
	const stubborn = "import os, signal, time\nfor n in (1, 2, 3, 15): signal.signal(n, signal.SIG_IGN)\nif os.fork() == 0: os.setsid()\nprint('ready')\nwhile True: time.sleep(9)"
	for name, leave := range map[string]func(*console){
		"without a word":     func(c *console) { _ = c.conn.CloseNow() },
		"with a close frame": func(c *console) { _ = c.conn.Close(websocket.StatusNormalClosure, "") },
		"while input waits": func(c *console) {
			c.types(strings.Repeat("x", 60<<10))
			c.types(strings.Repeat("x", 60<<10))
			_ = c.conn.CloseNow()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.as(t)
			c := s.tty(fields{"script": stubborn})
			c.expect("ready")
			if s.metric("hotcell_terminals") != 1 {
				t.Error("it is not counted")
			}
			leave(c)
			s.eventually("the terminal is gone", func() bool { return s.metric("hotcell_terminals") == 0 })
			s.eventually("the cell is gone", func() bool { return s.metric("hotcell_cells", "state=claimed") == 0 })
		})
	}
}

// If a client does not read, its script waits, and the server holds no more output.
func TestASlowClientSlowsItsScript(t *testing.T) {
	s := theService(t)
	c := s.dial()
	c.say(`{"cols": 80, "rows": 24, "script": "import time\nfor n in range(1 << 20): print('x' * 60)\nprint('last')"}`)
	s.eventually("it runs", func() bool { return s.metric("hotcell_terminals") == 1 })
	select {
	case <-time.After(500 * time.Millisecond): // nothing is read meanwhile
	case <-t.Context().Done():
	}
	if s.metric("hotcell_terminals") != 1 {
		t.Fatal("64 MiB went somewhere")
	}
	_ = c.conn.CloseNow()
	s.eventually("it is gone", func() bool { return s.metric("hotcell_terminals") == 0 })
}

// A client that cannot leave output unread, such as a browser, pauses it.
func TestAClientPausesTheOutputOfItsTerminal(t *testing.T) {
	s := theService(t)
	c := s.tty(fields{"script": "import sys\nfor line in sys.stdin: print('shown', line.upper(), end='')"})
	c.say(`{"output": "pause"}`)
	c.types("one\r")
	c.say(`{"resize": {"cols": 90, "rows": 30}}`) // messages are still taken
	c.say(`{"output": "pause"}`)
	other := s.tty(fields{"script": "print(input())"}) // as much time as an output takes
	other.types("two\r")
	other.end()
	c.mu.Lock()
	if strings.Contains(c.seen.String(), "ONE") {
		t.Errorf("%q came while the output was paused", c.seen.String())
	}
	c.mu.Unlock()
	c.say(`{"output": "resume"}`)
	c.expect("shown ONE")
	c.types("\x04")
	if _, exit := c.end(); show(exit) != "ok" {
		t.Errorf("%s", show(exit))
	}
	for name, script := range map[string]string{"while it writes": "while True: print('x' * 60)", "when it has ended": "print('x')"} {
		c := s.tty(fields{"script": "input()\n" + script})
		c.say(`{"output": "pause"}`)
		c.types("\r")
		s.eventually(name+", it runs", func() bool { return s.metric("hotcell_terminals") == 1 })
		_ = c.conn.CloseNow()
		s.eventually(name+", it is gone", func() bool { return s.metric("hotcell_terminals") == 0 })
	}
}

func TestThereAreOnlySoManyTerminals(t *testing.T) {
	s := start(t, func(c *config.Config) { c.TTYMax, c.TTYIdle, c.Profile.PoolSize = 1, 2*time.Second, 1 })
	c := s.tty(fields{"script": "print('ready')\ninput()"})
	c.expect("ready")
	_, response, err := websocket.Dial(t.Context(), s.url+"/tty", &websocket.DialOptions{Subprotocols: []string{api.TTYProtocol}})
	if err == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("%v %+v", err, response)
	}
	// Nothing is moved, which ends the terminal.
	if code, exit := c.end(); code.Code != websocket.StatusNormalClosure || show(exit) != "timeout idle" {
		t.Errorf("%v %s", code, show(exit))
	}
	s.eventually("there is room", func() bool { return s.metric("hotcell_terminals") == 0 })
	// A first message has no more time than that, either.
	silent := s.dial().watch()
	silent.refused("invalid_request", "", "did not come within 2s", websocket.StatusPolicyViolation)
	s.eventually("there is room", func() bool { return s.metric("hotcell_terminals") == 0 })
	// A terminal that moves bytes is not idle.
	busy := s.tty(fields{"script": "import time\nfor n in range(8):\n time.sleep(0.5)\n print('tick', n)"})
	if _, exit := busy.end(); show(exit) != "ok" {
		t.Errorf("%s %q", show(exit), busy.seen.String())
	}
}

func TestDrainingEndsTerminals(t *testing.T) {
	s := start(t, func(c *config.Config) { c.DrainGrace, c.Profile.PoolSize = 300*time.Millisecond, 1 })
	c := s.tty(fields{"script": "print('ready')\ninput()"})
	c.expect("ready")
	early := s.dial() // no first message
	early.watch()
	s.Drain(context.Background())
	code, exit := c.end()
	if code.Code != websocket.StatusGoingAway || show(exit) != "killed SIGKILL" || exit.Usage.Wall <= 0 {
		t.Errorf("%v %s", code, show(exit))
	}
	early.refused("draining", "", "shutting down", websocket.StatusGoingAway)
	if !strings.Contains(s.log.String(), `"path":"/tty","http":101`) || !strings.Contains(s.log.String(), `"verdict":"`+string(protocol.StatusKilled)) {
		t.Errorf("%s", s.log)
	}
}
