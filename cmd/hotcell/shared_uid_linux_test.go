package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// perUID holds scripts that use up something that the kernel counts per uid. They
// write FULL, and hold it until they are killed.
var perUID = map[string]string{
	"descriptors under way in sockets": `
    import array, socket
    held, full = [], False
    while not full:
        try:
            a, b = socket.socketpair()
            held += a, b
            a.setblocking(False)
            while True:
                a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1] * 250))])
        except BlockingIOError: pass
        except OSError: full = True`,
	"epoll watches": `
    import select
    def fill():
        try:
            targets = [os.eventfd(0) for _ in range(100)]
            held = [select.epoll() for _ in range(140)]
            for e in held:
                for t in targets: e.register(t, 1)
        except OSError: pass
        time.sleep(60)
    for _ in range(30):
        if os.fork() == 0: fill()
    time.sleep(1)`,
	"pages of pipes": `
    import fcntl
    held = []
    try:
        while True:
            r, w = os.pipe()
            held += r, w
            try: fcntl.fcntl(w, 1031, 1 << 20)  # F_SETPIPE_SZ
            except OSError: pass
            os.set_blocking(w, False)
            try:
                while True: os.write(w, bytes(1 << 16))
            except BlockingIOError: pass
    except OSError: pass`,
	"pending signals and timers": `
    import ctypes, signal
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    libc = ctypes.CDLL(None)
    while libc.sigqueue(os.getpid(), 40, 1) == 0: pass
    while libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p())) == 0: pass`,
	"processes": `
    try:
        while True:
            if os.fork() == 0: time.sleep(60)
    except OSError: pass`,
	"locked memory": `
    import ctypes
    libc, held = ctypes.CDLL(None), []
    while True:
        held.append(ctypes.create_string_buffer(4096))
        if libc.mlock(held[-1], 4096): break`,
	"open files": `
    for _ in range(30):
        if os.fork() == 0:
            try:
                while True: os.open("/dev/null", 0)
            except OSError: time.sleep(60)
    time.sleep(1)`,
	"memory files, events and timers": `
    held = []
    try:
        while True: held.append(os.memfd_create("x")); held.append(os.eventfd(0))
    except OSError: pass`,
}

// If all cells share one uid, a cell still cannot keep others from being made and
// run, or the service from accepting connections. No cell is kept ready, so each
// request needs a new one.
func TestNoCellUsesUpWhatTheOthersOfItsUIDNeed(t *testing.T) {
	testkit.NeedsJails(t)
	for _, mode := range []string{"fork", "exec"} {
		t.Run(mode, func(t *testing.T) {
			s := startServingAs(t, testkit.Delegate(t), "--spawn-mode", mode, "--pool-size", "0", "--limits-default-wall", "30s")
			for what, script := range perUID {
				t.Run(what, func(t *testing.T) {
					ctx, end := context.WithCancel(t.Context())
					defer end()
					full := "import os, time\ndef main():" + script + "\n    print('FULL', flush=True)\n    time.sleep(60)\n"
					s.follow(ctx, t, full, "FULL")
					http.DefaultClient.CloseIdleConnections() // so that a new one must be accepted
					for range 3 {
						got := s.execute("import asyncio, subprocess\ndef main():\n    print('x' * 200_000)\n    asyncio.run(asyncio.sleep(0.01))\n    return subprocess.run(['/bin/echo', 'made'], capture_output=True, text=True).stdout")
						if !strings.Contains(got, `"result":"made\n"`) || !strings.Contains(got, strings.Repeat("x", 200_000)) {
							t.Errorf("beside it: %.300s", got)
						}
					}
				})
			}
			s.stop()
		})
	}
}

// follow runs a script in a stream until it has written a word. The script goes on
// until ctx ends.
func (s *serving) follow(ctx context.Context, t *testing.T, script, word string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"script": script})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/execute", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/x-ndjson")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), word) {
			return
		}
		if strings.Contains(lines.Text(), `"status"`) {
			break
		}
	}
	t.Fatalf("it did not write %s: %s", word, lines.Text())
}
