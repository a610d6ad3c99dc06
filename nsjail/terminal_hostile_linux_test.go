package nsjail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// If the terminal belonged to the host, its mode could open it to other users, with a
// single uid also by a cell, and its times would be visible on the host.
func TestATerminalIsNoneOfTheHosts(t *testing.T) {
	var hosts, cells unix.Stat_t
	if err := unix.Stat("/dev/pts", &hosts); err != nil {
		t.Fatal(err)
	}
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := onTerminal(t, mode, nsjail.Job{Script: `
import errno, os
def refused(call, *args):
    try: call(*args)
    except OSError as e: return errno.errorcode[e.errno]
    return "works"
print("tried", *sorted({refused(os.fchmod, fd, 0o666) for fd in range(3)} | {refused(os.utime, 0), refused(os.utime, 0, (1, 1)), refused(os.fchown, 0, os.getuid(), -1)}), "end")
input()`}).watch()
		s.expect("tried EROFS end")
		if err := unix.Stat(fmt.Sprintf("/proc/%d/fd/0", s.pid), &cells); err != nil || cells.Dev == hosts.Dev {
			t.Errorf("its file system is %d, the host's terminals are on %d (%v)", cells.Dev, hosts.Dev, err)
		}
		s.types("\n")
		if v := s.end(); v.Status != protocol.StatusOK {
			t.Errorf("%+v", v)
		}
	})
}

func TestHangingUpKillsTheCellAtOnce(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, signal
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP): signal.signal(number, signal.SIG_IGN)
if os.fork() == 0: os.setsid()
print("ready")
while True: signal.pause()`}).watch()
	s.expect("ready")
	s.hangUp()
	<-s.ended
	if !errors.Is(s.err, context.Canceled) || s.verdict.Status != protocol.StatusKilled || s.verdict.Signal != "SIGKILL" || s.verdict.Usage.Wall <= 0 {
		t.Errorf("%v %+v", s.err, s.verdict)
	}
}

// Nothing reads: the kernel's buffer fills, and the script waits, but nothing else
// does. Then the test reads, and nothing is missing.
func TestAFloodWaitsForASlowReader(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, tty
tty.setraw(1)
written = 0
os.set_blocking(1, False)
try:
    while True: written += os.write(1, b"x" * 4096)
except BlockingIOError: pass
os.set_blocking(1, True)
open("written", "w").write(str(written))
for _ in range(200): os.write(1, b"y" * 4096)
os.write(1, b"held %d" % written)`})
	select {
	case <-s.ended:
		t.Fatal("it did not wait")
	case <-time.After(300 * time.Millisecond):
	}
	s.watch().expect("held ")
	if v := s.end(); v.Status != protocol.StatusOK {
		t.Errorf("%+v", v)
	}
	text, _ := s.text()
	var held int
	if _, err := fmt.Sscanf(text[s.from:], "%d", &held); err != nil || held < 4096 || held > 256<<10 {
		t.Errorf("the kernel held %d bytes (%v)", held, err)
	}
	if x, y := strings.Count(text, "x"), strings.Count(text, "y"); x != held || y != 200*4096 {
		t.Errorf("%d x and %d y of %d and %d", x, y, held, 200*4096)
	}
}

func TestWhatTheScriptDoesNotReadWaits(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, sys, time, tty
tty.setraw(0)
print("ready")
while not os.path.exists("go"): time.sleep(0.01) # for ever
`}).watch()
	s.expect("ready")
	wrote := make(chan error)
	go func() {
		_, err := s.terminal.Write(bytes.Repeat([]byte("x"), 1<<20))
		wrote <- err
	}()
	select {
	case err := <-wrote:
		t.Fatalf("a MiB fits: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	s.hangUp()
	if err := <-wrote; err == nil {
		t.Error("all of it was written to a cell that is gone")
	}
}

func TestWhatIsTypedArrivesWhole(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import hashlib, os, time, tty
tty.setraw(0)
print("ready")
time.sleep(0.2)
digest, left = hashlib.sha256(), 1 << 20
while left: piece = os.read(0, 4096); left -= len(piece); digest.update(piece)
print(digest.hexdigest())`}).watch()
	s.expect("ready")
	s.types(strings.Repeat("0123456789abcdef", 1<<16))
	s.expect("aca1cd027e979588d14b877b7b0cb8585ad9fec599eb45801992ee5382b3760f")
}

// A descriptor that a script hides in a cycle of sockets outlives the script until
// the kernel collects it. Nothing waits for that.
func TestAHiddenTerminalDoesNotHoldTheEnd(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, socket
a, b = socket.socketpair()
socket.send_fds(a, [b"x"], [1, a.fileno(), b.fileno()])
print("hidden")`}).watch()
	s.end()
	s.expect("hidden\r\n")
	testkit.Eventually(t, "reading ends", func() bool { _, eof := s.text(); return eof }, nil)
}

// What a script may not do even to its own terminal.
func TestATerminalsOtherDoorsAreShut(t *testing.T) {
	calls := map[string]string{
		"TIOCSTI": "0x5412, b'x'", "TIOCLINUX": "0x541C, b'\\2\\0'", "TIOCSETD": "0x5423, b'\\3\\0\\0\\0'", "TIOCCONS": "0x541D, 0",
		"TIOCEXCL": "0x540C, 0", "TIOCVHANGUP": "0x5437, 0", "TIOCGPTPEER": "0x5441, 0", "TIOCPKT": "0x5420, b'\\1\\0\\0\\0'", "TIOCSIG": "0x40045436, 2",
	}
	script := `
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def main():
`
	var names []string
	for name, arguments := range calls {
		names = append(names, name)
		script += fmt.Sprintf("    print(%q, libc.ioctl(0, %s), ctypes.get_errno())\n", name, arguments)
	}
	script += `
    print("end")
    print("chmod", libc.fchmod(0, 0o777), ctypes.get_errno(), "chown", libc.fchown(0, -1, libc.getgid()), ctypes.get_errno())
`
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: script}).watch()
	for _, name := range names {
		s.expect(name + " -1 25\r\n")
	}
	s.expect("chmod -1 30 chown -1 30\r\n") // EROFS
	s.end()
}

func TestATerminalEndsWithItsOutput(t *testing.T) {
	for range 20 {
		s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: "def main():\n for n in range(500): print('line', n)\n print('last', end='')"})
		var seen bytes.Buffer
		if _, err := io.Copy(&seen, s.terminal); err != nil {
			t.Fatal(err)
		}
		s.end()
		if !strings.HasSuffix(seen.String(), "line 499\r\nlast") || strings.Count(seen.String(), "line") != 500 {
			t.Fatalf("%.200q", seen.String()[max(0, seen.Len()-200):])
		}
	}
}
