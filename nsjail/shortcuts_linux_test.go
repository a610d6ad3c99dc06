package nsjail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// bothForks runs a test on cells that C's fork() made, and on cells of os.fork.
func bothForks(t *testing.T, test func(t *testing.T, jail *nsjail.Jail)) {
	t.Helper()
	for name, without := range map[string][]string{"C's fork": nil, "os.fork": {nsjail.ShortcutLibcFork}} {
		t.Run(name, func(t *testing.T) {
			host, _ := ownHost(t, without...)
			jail, err := host.StartJail(t.Context(), profile(t, protocol.ModeFork))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = jail.Close() })
			test(t, jail)
		})
	}
}

func whyNot(t *testing.T, jail *nsjail.Jail, name string) string {
	t.Helper()
	for _, shortcut := range jail.Shortcuts() {
		if shortcut.Name == name {
			return shortcut.Why
		}
	}
	t.Fatalf("no shortcut %q", name)
	return ""
}

// A cell's thread, locks and hooks are what they would be after os.fork.
func TestAScriptForksAndStartsThreadsAsEver(t *testing.T) {
	bothForks(t, func(t *testing.T, jail *nsjail.Jail) {
		verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Limits: limits, Script: `
import asyncio, concurrent.futures, ctypes, logging, multiprocessing, os, queue, random, signal, sys, threading

def forked(work):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, repr(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    said = os.read(read, 1000)
    assert os.waitpid(pid, 0)[1] == 0
    return eval(said)

def main():
    main_thread = threading.main_thread()
    assert threading.current_thread() is main_thread and threading.active_count() == 1
    assert main_thread.native_id == threading.get_native_id() or sys.version_info < (3, 13), main_thread.native_id
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set() and signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL
    got = []
    signal.signal(signal.SIGALRM, lambda *_: got.append(1))  # which only the main thread may
    signal.raise_signal(signal.SIGALRM)
    assert got == [1]

    answers = queue.Queue()
    threads = [threading.Thread(target=lambda: answers.put(threading.get_native_id())) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join(10)
    assert answers.qsize() == 3 and threading.active_count() == 1
    ctypes.pythonapi.PyGILState_Check.restype = ctypes.c_int
    assert ctypes.pythonapi.PyGILState_Check() == 1
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
    async def later(): return await asyncio.to_thread(abs, -3)
    assert asyncio.run(later()) == 3

    ran = []  # hooks: the script's own, and those of random, threading and logging
    os.register_at_fork(before=lambda: ran.append('before'), after_in_child=lambda: ran.append('child'), after_in_parent=lambda: ran.append('parent'))
    random.seed(1)
    expected = random.Random(1).random()
    child = forked(lambda: (random.random(), list(ran), threading.main_thread() is threading.current_thread(), logging.getLogger().level))
    assert child[0] != expected and child[1] == ['before', 'child'] and child[2], child
    assert random.random() == expected and ran == ['before', 'parent']
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    assert forked(threading.active_count) == 1
    stop.set(); other.join()
    logging.getLogger().warning('said')
    with multiprocessing.get_context('fork').Pool(2) as pool:
        return pool.map(abs, [-4, -5])
`})
		if err != nil || string(verdict.Result) != "[4,5]" || !strings.Contains(string(verdict.Stderr), "said") {
			t.Errorf("%v %s %+v %s", err, verdict.Result, verdict.Error, verdict.Stderr)
		}
	})
}

func TestTheForkInForceIsTold(t *testing.T) {
	for _, c := range []struct {
		name, module, why string
		without           []string
	}{
		{"nothing stands in its way", "import concurrent.futures.thread, logging, asyncio", "", nil},
		{"the setting", "", "no_shortcuts", []string{nsjail.ShortcutLibcFork}},
		{"a hook that nobody knows", "import os\nos.register_at_fork(after_in_child=lambda: None)", "hooked called os.register_at_fork", nil},
		{"a hook past os", "import posix\nposix.register_at_fork(before=lambda: None)", "os.register_at_fork", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			host, worker := ownHost(t, c.without...)
			if err := os.WriteFile(filepath.Join(filepath.Dir(worker), "hooked.py"), []byte(c.module), 0o644); err != nil { // #nosec G306 -- every user reads it
				t.Fatal(err)
			}
			p := profile(t, protocol.ModeFork)
			p.Preload, p.Warmup = []string{"hooked"}, "def main(): pass"
			jail, err := host.StartJail(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			defer jail.Close()
			if why := whyNot(t, jail, nsjail.ShortcutLibcFork); !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q instead of %q", why, c.why)
			}
			verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: "import os\ndef main(): return os.register_at_fork.__module__", Limits: limits})
			if err != nil || string(verdict.Result) != `"posix"` {
				t.Errorf("%v %s %+v", err, verdict.Result, verdict.Error)
			}
		})
	}
}
