package nsjail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// patient gives a call a short time, and much time to stop.
func patient(j *nsjail.Job) {
	j.Limits.Wall, j.Limits.InterruptGrace = slowness*1200*time.Millisecond, slowness*time.Minute
}

// impatient gives a call a short time, and little to stop.
func impatient(j *nsjail.Job) {
	j.Limits.Wall, j.Limits.InterruptGrace = slowness*1200*time.Millisecond, 200*time.Millisecond
}

// A call that goes over a limit of time is interrupted. The session lives with its
// names and files, and later calls are as before.
func TestACallOverItsTimeIsInterruptedAndTheSessionLives(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := newSession(t, mode)
		if got := s.call("import os, subprocess, sys, threading, time, asyncio\nx = 1\nopen('f', 'w').write('kept')"); got.Status != protocol.StatusOK {
			t.Fatalf("%+v", got)
		}
		cpu := func(j *nsjail.Job) {
			j.Limits.CPU, j.Limits.Wall, j.Limits.InterruptGrace = slowness*200*time.Millisecond, slowness*time.Minute, slowness*time.Minute
		}
		for script, c := range map[string]struct {
			change func(*nsjail.Job)
			limit  protocol.Limit
		}{
			"x += 1\ntime.sleep(60)":                                                         {patient, protocol.LimitWall},
			"x += 1\nwhile True: pass":                                                       {cpu, protocol.LimitCPU},
			"x += 1\nsubprocess.run(['sleep', '60'])":                                        {patient, protocol.LimitWall},
			"x += 1\nasync def main(): await asyncio.sleep(60)":                              {patient, protocol.LimitWall},
			"x += 1\nthreading.Event().wait()":                                               {patient, protocol.LimitWall},
			"x += 1\nthreading.Thread(target=time.sleep, args=(3,)).start()\ntime.sleep(60)": {patient, protocol.LimitWall},
			"x += 1\ntry: time.sleep(60)\nfinally: y = x":                                    {patient, protocol.LimitWall},
			"x += 1\nos.read(0, 1) or os.read(os.pipe()[0], 1)":                              {patient, protocol.LimitWall},
		} {
			got := s.call(script, c.change)
			if got.Status != protocol.StatusTimeout || got.Limit != c.limit || got.Ended || got.Result != nil {
				t.Fatalf("%q: %s %s ended=%v", script, got.Status, got.Limit, got.Ended)
			}
			if got.Error == nil || got.Error.Type != "KeyboardInterrupt" {
				t.Errorf("%q: %+v", script, got.Error)
			}
			if got := s.call("open('f').read(), x, subprocess.run(['false']).returncode"); string(got.Result) == "" || !strings.HasPrefix(string(got.Result), `["kept",`) || !strings.HasSuffix(string(got.Result), ",1]") {
				t.Fatalf("after %q: %+v %s %+v", script, got.Status, got.Result, got.Error)
			}
		}
		if got := s.call("x, y == x or y in range(x)"); string(got.Result) != "[9,true]" {
			t.Errorf("%s", got.Result)
		}
	})
}

// A call that goes on is killed, and the session with it.
func TestACallThatGoesOnAfterAnInterruptIsKilled(t *testing.T) {
	for name, script := range map[string]string{
		"catches":            "import time\nwhile True:\n  try: time.sleep(60)\n  except BaseException: pass",
		"ignores":            "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)",
		"has its own":        "import signal, time\nsignal.signal(signal.SIGINT, lambda *a: None)\ntime.sleep(60)",
		"blocks":             "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\ntime.sleep(60)",
		"is in C":            "sum(range(10 ** 12))",
		"cleans up for ever": "import time\ntry: time.sleep(60)\nfinally:\n  while True: time.sleep(60)",
		"reads what tells":   "import os, signal, time\nsignal.signal(signal.SIGINT, lambda *a: os.read(3, 100))\nwhile True: time.sleep(60)",
		"takes it in a hook": "import sys, time\nclass E:\n  def __str__(self):\n    while True: time.sleep(60)\nclass F(E, Exception): pass\nraise F",
	} {
		t.Run(name, func(t *testing.T) {
			got := newSession(t, protocol.ModeFork).call(script, impatient)
			if got.Status != protocol.StatusTimeout || got.Limit != protocol.LimitWall || !got.Ended {
				t.Errorf("%s %s ended=%v %+v", got.Status, got.Limit, got.Ended, got.Error)
			}
		})
	}
}

// A cell that answers for itself and then reads nothing leaves no room in its channel for
// an INTERRUPT. Its next call ends at its limit all the same.
func TestACallWhoseJobIsNotReadEndsInTime(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/net/core/wmem_default")
	if err != nil {
		t.Fatal(err)
	}
	room, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{room - 2<<10, room, room + 2<<10} {
		s := newSession(t, protocol.ModeFork)
		got := s.call(`import os, struct, time
answer = b'{"status":"ok"}\nnull'
os.write(3, struct.pack(">IB", len(answer), 9) + answer)
while True:
    try: time.sleep(60)
    except BaseException: pass`)
		if got.Status != protocol.StatusOK || got.Ended {
			t.Fatalf("%+v", got)
		}
		ended := time.AfterFunc(slowness*time.Minute, func() { _ = s.cell.Close() })
		if got = s.call("#"+strings.Repeat("x", size), impatient); !ended.Stop() || got.Status != protocol.StatusTimeout || !got.Ended {
			t.Errorf("%d bytes: %s ended=%v after %v", size, got.Status, got.Ended, got.Usage.Wall)
		}
	}
}

// What a script does with an interrupt is its own affair until its call is over.
func TestTheNextCallIsInterruptedAgainWhateverTheScriptDid(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	for _, script := range []string{
		"import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
		"signal.signal(signal.SIGINT, lambda *a: None)",
		"signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
		"signal.siginterrupt(signal.SIGINT, False)",
		"signal.default_int_handler = signal.signal = signal.pthread_sigmask = None",
		"import select\nselect.select = None",
		"import threading\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
		"import sys\nsys.unraisablehook = sys.excepthook = None\n1 / 0",
	} {
		s.call(script)
		if got := s.call("time.sleep(60)", patient); got.Status != protocol.StatusTimeout || got.Ended {
			t.Fatalf("after %q: %s ended=%v", script, got.Status, got.Ended)
		}
	}
	if got := s.call("__import__('_signal').getsignal(2) is __import__('_signal').default_int_handler"); string(got.Result) != "true" {
		t.Errorf("%s %+v", got.Result, got.Error)
	}
}

// An interrupt for which the channel has no room, since the cell has not read its large
// job, comes when there is some.
func TestAnInterruptWaitsForItsRoom(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	s.call("import time")
	caller, leave := context.WithCancel(t.Context())
	leave()
	if err := unix.Kill(s.cell.PID(), unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = unix.Kill(s.cell.PID(), unix.SIGCONT) })
	job := nsjail.Job{Script: "time.sleep(60) #" + strings.Repeat("x", 214_000), Limits: limits} // what a socket takes by default
	job.Limits.Wall, job.Limits.InterruptGrace = time.Minute, slowness*time.Minute
	if got, err := s.cell.Call(t.Context(), caller, job); err != nil || got.Ended || got.Status != protocol.StatusException || got.Error.Type != "KeyboardInterrupt" {
		t.Errorf("%v: %+v", err, got)
	}
}

func TestACallWhoseCallerHasADeadlineIsInterruptedAsOverALimit(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	caller, end := context.WithCancelCause(t.Context())
	job := nsjail.Job{Script: "import time\nprint('begun')\ntime.sleep(60)", Limits: limits}
	job.Output = func(nsjail.Stream, []byte) { end(context.DeadlineExceeded) }
	job.Limits.Wall, job.Limits.InterruptGrace = time.Minute, slowness*time.Minute
	got, err := s.cell.Call(t.Context(), caller, job)
	if err != nil || got.Ended || got.Status != protocol.StatusTimeout || got.Limit != protocol.LimitWall || got.Error.Type != "KeyboardInterrupt" {
		t.Errorf("%v: %+v", err, got)
	}
}

// A caller that leaves has its call interrupted, at once and even before it began.
func TestACallWhoseCallerLeavesIsInterrupted(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := newSession(t, mode)
		for range 5 {
			caller, leave := context.WithCancel(t.Context())
			leave()
			job := nsjail.Job{Script: "import time\ntime.sleep(60)", Limits: limits}
			job.Limits.Wall, job.Limits.InterruptGrace = time.Minute, slowness*time.Minute
			got, err := s.cell.Call(t.Context(), caller, job)
			if err != nil || got.Ended || got.Status != protocol.StatusException || got.Error.Type != "KeyboardInterrupt" {
				t.Fatalf("%v: %s ended=%v after %v", err, got.Status, got.Ended, got.Usage.Wall)
			}
		}
		caller, leave := context.WithCancel(t.Context())
		job := nsjail.Job{Script: "first = [1]\nwhile True:\n  try:\n    first and print(first.pop())\n    while True: pass\n  except BaseException: pass", Limits: limits}
		job.Output = func(nsjail.Stream, []byte) { leave() }
		job.Limits.InterruptGrace = 100 * time.Millisecond
		if got, err := s.cell.Call(t.Context(), caller, job); err != nil || !got.Ended || got.Status != protocol.StatusKilled || got.Signal != "SIGKILL" {
			t.Errorf("%v: %+v", err, got)
		}
	})
}

// Interrupts that come all the time, before a call, while it runs, while its result is
// encoded, and after it, reach scripts only: no call is lost, and none that is not
// interrupted sees the interrupt of another.
func TestAStormOfInterruptsReachesScriptsOnly(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := newSession(t, mode)
		s.call("import threading, time\nthreading.Thread(target=lambda: time.sleep(600), daemon=True).start()")
		storm := func(job *nsjail.Job) { job.Limits.InterruptGrace = time.Minute }
		interrupted := 0
		deadline := time.Now().Add(2 * time.Second)
		for n := 0; time.Now().Before(deadline) || interrupted == 0; n++ {
			stop := make(chan struct{})
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				// Each call is hit after another time: while it is handed over, compiled,
				// run, while its result is encoded and sent, and after its end.
				time.Sleep(time.Duration(n%40) * 50 * time.Microsecond)
				for {
					s.cell.Interrupt()
					select {
					case <-stop:
						return
					default:
					}
				}
			}()
			got := s.call("n = 0\nfor i in range(2000): n += i\n[n] * 5000", storm)
			close(stop)
			<-stopped
			want := protocol.StatusOK
			if got.Status == protocol.StatusException && got.Error.Type == "KeyboardInterrupt" {
				want = protocol.StatusException
				interrupted++
			}
			var list []int
			if got.Status != want || got.Ended || want == protocol.StatusOK && (json.Unmarshal(got.Result, &list) != nil || len(list) != 5000) {
				t.Fatalf("call %d: %s ended=%v %+v", n, got.Status, got.Ended, got.Error)
			}
			if got := s.call(fmt.Sprintf("%d", n)); string(got.Result) != fmt.Sprint(n) || len(got.Stderr) > 0 {
				t.Fatalf("the call after call %d: %s %+v %s", n, got.Status, got.Error, got.Stderr)
			}
		}
	})
}

// Children of the script get the interrupt, too, as on a terminal.
func TestChildrenAreInterruptedToo(t *testing.T) {
	testkit.NeedsJails(t)
	self, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(self)
	const processGroup = 1 << 2
	if err := unix.PidfdSendSignal(self, 0, nil, processGroup); errors.Is(err, unix.EINVAL) {
		t.Skip("before Linux 6.9 a pidfd does not stand for its process's group, pidfd_send_signal(2)")
	}
	s := newSession(t, protocol.ModeFork)
	got := s.call(`import os
pid = os.fork()
if pid == 0:
    try:
        import time
        time.sleep(60)
    except KeyboardInterrupt:
        open("child", "w").write("interrupted")
        os._exit(0)
    os._exit(1)
while True:
    try:
        os.waitpid(pid, 0)
        break
    except KeyboardInterrupt:
        pass
open("child").read()`, patient)
	if got.Status != protocol.StatusTimeout || got.Ended {
		t.Fatalf("%s ended=%v %+v", got.Status, got.Ended, got.Error)
	}
	if got := s.call("open('child').read()"); string(got.Result) != `"interrupted"` {
		t.Errorf("%s %+v", got.Result, got.Error)
	}
}
