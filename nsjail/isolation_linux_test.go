package nsjail_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// What a script can see and do in its cell.
func TestACellIsClosed(t *testing.T) {
	const attempt = `
import ctypes, os, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
def errno(call):
    try: call()
    except OSError as e: return e.errno
    return 0
def raw(*args):
    ctypes.set_errno(0); libc.syscall(*args); return ctypes.get_errno()
def main():
    return %s
`
	const eperm, enoent, enosys, erofs, esrch, eacces = 1, 2, 38, 30, 3, 13
	cases := []struct {
		name, expression string
		want             any
	}{
		{"no network", "errno(lambda: socket.socket())", eperm},
		{"no raw socket", "errno(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))", eperm},
		{"a socket pair is fine", "errno(lambda: socket.socketpair())", 0},
		{"no proc of the kernel's", "[errno(lambda: os.stat(f'/proc/{name}')) for name in ('1', 'self/status', 'self/fd', 'sys', 'mounts')]", []any{enoent, enoent, enoent, enoent, enoent}},
		{"no sysfs of the kernel's", "[errno(lambda: os.stat(f'/sys/{name}')) for name in ('kernel', 'class', 'devices', 'fs/cgroup/cgroup.procs')]", []any{enoent, enoent, enoent, enoent}},
		{"figures are files of no kernel's file system", "{os.stat(p).st_dev for p in ('/proc', '/sys', '/proc/stat', '/proc/self/cgroup')} == {os.stat('/hotcell').st_dev}", true},
		{"figures that all cells share are read-only", "[errno(lambda: open(p, 'r+')) for p in ('/proc/stat', '/proc/cpuinfo', '/sys/fs/cgroup/cpu.max', '/proc/self/cgroup')]", []any{eacces, eacces, eacces, eacces}},
		{"a user with a name, and a group", "(__import__('pwd').getpwuid(os.getuid()).pw_name, __import__('grp').getgrgid(os.getgid()).gr_name)", []any{"cell", "cell"}},
		{"nothing of /etc that is not in /usr/bin or /usr/lib", "{n for n in os.listdir('/etc') if not n.startswith('python3')} <= {'ld.so.cache', 'alternatives', 'mime.types', 'passwd', 'group', 'httpd'}", true},
		{"links to alternatives lead somewhere", "subprocess.run(['awk', 'BEGIN { print 6 * 7 }'], capture_output=True).stdout.decode()", "42\n"},
		{"nobody's home", "[os.path.exists(p) for p in ('/root', '/var', '/run')] + os.listdir('/home')", []any{false, false, false, "user"}},
		{"the root is read-only", "errno(lambda: open('/new', 'w'))", erofs},
		{"the system is read-only", "errno(lambda: open('/usr/new', 'w'))", erofs},
		{"the environment is read-only", "errno(lambda: open('/env/new', 'w'))", erofs},
		{"the worker is read-only", "errno(lambda: open('/hotcell/pyworker/new', 'w'))", erofs},
		{"/dev is read-only", "errno(lambda: open('/dev/new', 'w'))", erofs},
		{"no device can be made", "errno(lambda: os.mknod('d', 0o60600, os.makedev(8, 0))) in (1, 13)", true},
		{"the working directory is empty", "os.listdir('.')", []any{}},
		{"/tmp is empty and writable", "os.listdir('/tmp') + [open('/tmp/x', 'w').write('x')]", []any{1.0}},
		{"what is written cannot be executed", "(open('x', 'w').write('#!/bin/sh'), os.chmod('x', 0o755), errno(lambda: os.execv('./x', ['x'])))[2]", 13},
		{"a uid of its own", "20000 < os.getuid() < 60000 and os.getuid() == os.geteuid() == os.getgid() == os.getegid()", true},
		{"no groups", "os.getgroups()", []any{}},
		{"it cannot become another", "[errno(lambda: os.setuid(0)), errno(lambda: os.setuid(20000)), errno(lambda: os.setgroups([0]))]", []any{eperm, eperm, eperm}},
		{"no capability", "(lambda d: (libc.capget(ctypes.byref((ctypes.c_uint32 * 2)(0x20080522, 0)), d), list(d)))((ctypes.c_uint32 * 6)())[1]", []any{0.0, 0.0, 0.0, 0.0, 0.0, 0.0}},
		{"no capability can come back", "sum(libc.prctl(23, c, 0, 0, 0) for c in range(40))", 0},
		{"no new privileges", "libc.prctl(39, 0, 0, 0, 0)", 1},
		{"seccomp is in force", "libc.prctl(21, 0, 0, 0, 0)", 2},
		{"no user namespace", "raw(272 if os.uname().machine == 'x86_64' else 97, 0x10000000)", eperm},
		{"no namespace by clone", "raw(56 if os.uname().machine == 'x86_64' else 220, 0x10000000 | 17, 0, 0, 0, 0)", eperm},
		{"no clone3", "raw(435, 0, 0)", enosys},
		{"no call from the future", "raw(9999)", enosys},
		{"no mount", "libc.mount(b'tmpfs', b'/tmp', b'tmpfs', 0, None), ctypes.get_errno()", []any{-1.0, 1.0}},
		{"no ptrace", "libc.ptrace(16, 1, 0, 0), ctypes.get_errno()", []any{-1.0, 1.0}},
		{"no terminal injection", "libc.ioctl(0, 0x5412, b'x'), ctypes.get_errno()", []any{-1.0, 25.0}},
		{"nobody else to signal", "errno(lambda: os.kill(-1, 0))", esrch},
		{"a short hostname", "os.uname().nodename", "cell"},
		{"only its own descriptors", "[fd for fd in range(1024) if errno(lambda: os.fstat(fd)) == 0]", []any{0.0, 1.0, 2.0, 3.0}},
		{"children can be waited for", "subprocess.run(['true']).returncode", 0},
		{"nothing of our environment", "[k for k in os.environ if 'HOTCELL' in k and k != 'HOTCELL_MEMORY_BYTES' or k == 'SECRET']", []any{}},
		{"its disk has the size it was given", "os.statvfs('/box').f_blocks * os.statvfs('/box').f_frsize", float64(64 << 20)},
	}
	t.Setenv("SECRET", "not for cells")
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		if mode == protocol.ModeFork {
			got := execute(t, mode, nsjail.Job{Script: "import os\ndef main(): return os.getpid()"})
			if string(got.Result) != "1" {
				t.Errorf("a forked cell is process %s, not 1", got.Result)
			}
		}
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				got := execute(t, mode, nsjail.Job{Script: fmt.Sprintf(attempt, c.expression)})
				var value any
				if err := json.Unmarshal(got.Result, &value); got.Status != protocol.StatusOK || err != nil {
					t.Fatalf("%s %+v", got.Status, got.Error)
				}
				want := c.want
				if n, ok := want.(int); ok {
					want = float64(n)
				}
				for i, item := range asList(want) {
					if n, ok := item.(int); ok {
						asList(want)[i] = float64(n)
					}
				}
				if !reflect.DeepEqual(value, want) {
					t.Errorf("got %v, want %v", value, want)
				}
			})
		}
	})
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

// The namespaces of a cell differ from ours and from those of other cells, except
// that the cells of a jail share its user, network and cgroup namespaces.
func TestACellHasItsOwnNamespaces(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		a, b := spawn(t, theJail(t, mode)), spawn(t, theJail(t, mode))
		for _, kind := range []string{"user", "pid", "mnt", "net", "ipc", "uts", "cgroup"} {
			ours := namespace(t, "self", kind)
			one, two := namespace(t, fmt.Sprint(a.PID()), kind), namespace(t, fmt.Sprint(b.PID()), kind)
			if one == ours || two == ours {
				t.Errorf("%s namespace is ours", kind)
			}
			shared := mode == protocol.ModeFork && (kind == "user" || kind == "net" || kind == "cgroup")
			if (one == two) != shared {
				t.Errorf("%s namespaces: %s and %s", kind, one, two)
			}
		}
	})
}

func namespace(t *testing.T, pid, kind string) string {
	t.Helper()
	link, err := os.Readlink(filepath.Join("/proc", pid, "ns", kind))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// Two cells of one zygote start with the same memory.
func TestSiblingsShareNoRandomness(t *testing.T) {
	script := nsjail.Job{Limits: limits, Script: `
import hashlib, multiprocessing, os, random, secrets, ssl, tempfile, uuid
import numpy as np
def in_a_child(draw): # the first one, which has the zygote's pid
    r, w = os.pipe()
    if os.fork() == 0:
        os.write(w, draw())
        os._exit(0)
    return os.read(r, 8).hex()
def main():
    multiprocessing.current_process()
    return {
        "ssl in a child": in_a_child(lambda: ssl.RAND_bytes(8)),
        "random": random.random(), "Random()": random.Random().random(), "SystemRandom": random.SystemRandom().random(),
        "urandom": os.urandom(8).hex(), "secrets": secrets.token_hex(8), "uuid4": str(uuid.uuid4()), "uuid1": str(uuid.uuid1()),
        "numpy": float(np.random.random()), "default_rng": float(np.random.default_rng().random()), "RandomState": float(np.random.RandomState().random()), "normal": [np.random.normal() for _ in range(2)][1], "words": np.random.get_state()[1].tolist(),
        "ssl": ssl.RAND_bytes(8).hex(), "tempfile": os.path.basename(tempfile.mktemp()), "mkdtemp": tempfile.mkdtemp(),
        "authkey": multiprocessing.current_process().authkey.hex(), "pandas": __import__("pandas").Series(range(10**6)).sample(3).tolist(),
        "shuffle": random.sample(range(10**9), 3), "bytes": np.random.bytes(8).hex(),
    }`}
	bothForks(t, func(t *testing.T, jail *nsjail.Jail) { siblingsDiffer(t, jail, script) })
}

func siblingsDiffer(t *testing.T, jail *nsjail.Jail, script nsjail.Job) {
	var cells []*nsjail.Cell
	for range 3 {
		cells = append(cells, spawn(t, jail)) // all parked at once
	}
	for range 3 { // these do not rehearse
		cell, err := jail.SpawnFor(t.Context(), nil, false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cell.Close() })
		cells = append(cells, cell)
	}
	seen := map[string]int{}
	for i, cell := range cells {
		verdict, err := cell.Run(t.Context(), script)
		if err != nil || verdict.Status != protocol.StatusOK {
			t.Fatalf("%v %+v", err, verdict.Error)
		}
		var values map[string]json.RawMessage
		if err := json.Unmarshal(verdict.Result, &values); err != nil {
			t.Fatal(err)
		}
		for name, value := range values {
			if before, ok := seen[name+string(value)]; ok {
				t.Errorf("%s: cells %d and %d both got %s", name, before, i, value)
			}
			seen[name+string(value)] = i
		}
	}
}

func TestSiblingsShareNothingElse(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		a, b := spawn(t, theJail(t, mode)), spawn(t, theJail(t, mode))
		leave := `
import builtins, json, os, pandas, sys, ctypes
def main():
    builtins.mark = pandas.mark = json.mark = os.environ['MARK'] = 'seen'
    for place in ('/tmp/mark', '/box/work/mark', '/dev/shm/mark'): open(place, 'w').write('seen')
    os.chmod('/box', 0o777)
    return os.getuid()`
		look := `
import builtins, json, os, pandas
def main():
    return [hasattr(builtins, 'mark'), hasattr(pandas, 'mark'), hasattr(json, 'mark'), 'MARK' in os.environ,
            os.listdir('/tmp'), os.listdir('/box/work'), os.listdir('/dev/shm'), os.getuid()]`
		first, err := a.Run(t.Context(), nsjail.Job{Script: leave, Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		second, err := b.Run(t.Context(), nsjail.Job{Script: look, Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(second.Result), "[false,false,false,false,[],[],[],") {
			t.Errorf("%s %+v", second.Result, second.Error)
		}
		if strings.HasSuffix(string(second.Result), ","+string(first.Result)+"]") {
			t.Errorf("both have uid %s", first.Result)
		}
	})
}

func TestLimitsOfARequestTakeHold(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		l := limits
		l.DiskBytes, l.Processes, l.MemoryBytes = 2<<20, 5, 100<<20
		got := execute(t, mode, nsjail.Job{Limits: l, Script: `
import os, threading, time
def main():
    size = os.statvfs('/box').f_blocks * os.statvfs('/box').f_frsize
    try:
        with open('f', 'wb') as f: f.write(bytes(3 << 20))
        wrote = True
    except OSError as e: wrote = e.errno
    children = 0
    try:
        while True:
            if os.fork() == 0: time.sleep(30)
            children += 1
    except OSError as e: return [size, wrote, children, e.errno]`})
		if string(got.Result) != "[2097152,28,4,11]" {
			t.Errorf("%s %s %+v", got.Status, got.Result, got.Error)
		}
		l.DiskBytes, l.MemoryBytes, l.Processes = 200<<20, 512<<20, 100
		got = execute(t, mode, nsjail.Job{Limits: l, Script: "def main():\n with open('f', 'wb') as f: return f.write(bytes(150 << 20))"})
		if string(got.Result) != "157286400" {
			t.Errorf("%s %s %+v", got.Status, got.Result, got.Error)
		}
	})
}

// The disk is in memory: both count together.
func TestWhatIsWrittenCountsAsMemory(t *testing.T) {
	l := limits
	l.MemoryBytes, l.DiskBytes = 64<<20, 500<<20
	got := execute(t, protocol.ModeFork, nsjail.Job{Limits: l, Script: "def main():\n with open('f', 'wb') as f:\n  while True: f.write(bytes(1 << 20))"})
	if got.Status != protocol.StatusMemoryLimit {
		t.Errorf("%s %+v", got.Status, got.Error)
	}
}

// What a script leaves running does not delay its end.
func TestNothingHoldsTheEnd(t *testing.T) {
	l := limits
	l.Wall = slowness * time.Minute
	got := execute(t, protocol.ModeFork, nsjail.Job{Limits: l, Script: `
import atexit, os, signal, subprocess, sys, threading, time
def main():
    for s in range(1, 65):
        try: signal.signal(s, signal.SIG_IGN)
        except (OSError, ValueError): pass
    atexit.register(time.sleep, 600)
    threading.Thread(target=time.sleep, args=(600,)).start()
    subprocess.Popen(['sleep', '600'])
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: time.sleep(600)
        os._exit(0)
    sys.stdout.close()
    return 'done'`})
	if string(got.Result) != `"done"` {
		t.Errorf("%s %s %+v", got.Status, got.Result, got.Error)
	}
}
