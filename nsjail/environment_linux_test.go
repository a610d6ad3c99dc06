package nsjail_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// expected are expressions in a script and what ordinary Python on an ordinary Linux makes
// of them. One script evaluates all of them.
var expected = []struct{ expression, want string }{
	{"os.cpu_count()", "1"},
	{"len(os.sched_getaffinity(0))", "1"},
	{"getattr(os, 'process_cpu_count', os.cpu_count)()", "1"},
	{"multiprocessing.cpu_count()", "1"},
	{"os.sysconf('SC_NPROCESSORS_ONLN')", "1"},
	{"run(sys.executable, '-c', 'import os; print(os.cpu_count())')", "'1'"},
	{"run('nproc')", "'1'"},
	{"pwd.getpwuid(os.getuid()).pw_name", "'cell'"},
	{"pwd.getpwnam('cell').pw_uid == os.getuid()", "True"},
	{"pwd.getpwuid(os.getuid()).pw_dir == os.environ['HOME'] == os.path.expanduser('~cell') == os.getcwd()", "True"},
	{"grp.getgrgid(os.getgid()).gr_name", "'cell'"},
	{"getpass.getuser()", "'cell'"},
	{"run('whoami')", "'cell'"},
	{"run('id', '-un')", "'cell'"},
	{"pathlib.Path('own').write_text('') or pathlib.Path('own').owner()", "'cell'"},
	{"run('awk', 'BEGIN { print 6 * 7 }')", "'42'"},
	{"run('sh', '-c', 'which sh')", "'/usr/bin/sh'"},
	{"ctypes.util.find_library('c')", "'libc.so.6'"},
	{"mimetypes.guess_type('a.xlsx')[0]", "'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'"},
	{"mimetypes.guess_type('a.parquet')[0]", "'application/vnd.apache.parquet'"},
	{"mimetypes.guess_type('a.md')[0]", "'text/markdown'"},
	{"open('/dev/stdin').read()", "'typed'"},
	{"sys.stdin.read()", "'typed'"},
	{"run('cat', '/dev/stdin')", "'typed'"},
	{"sorted(os.listdir('/dev/fd'))", "['0', '1', '2']"},
	{"open('/dev/stdout', 'w').write('one\\n')", "4"},
	{"pandas.DataFrame({'a': [1]}).to_csv('/dev/stdout')", "None"},
	{"run('sh', '-c', 'echo error > /dev/stderr; echo of a child > /dev/fd/1')", "''"},
	{"run('sh', '-c', 'echo both | tee /dev/stderr')", "'both'"},
	{"os.path.samefile('/dev/stdout', 1)", "True"},
	{"open('/dev/stdout').read()", "PermissionError: [Errno 13] Permission denied: '/dev/stdout'"},
	{"[os.close(1), open('/dev/fd/1', 'a').write('last\\n')]", "[None, 5]"},
	{"open('/mnt/data/a', 'w').write('x') and open('a').read()", "'x'"},
	{"os.path.realpath('/home/user/a') == os.path.realpath('a')", "True"},
	{"os.environ['HOTCELL_MEMORY_BYTES']", "'201326592'"},
	{"open('/sys/fs/cgroup/memory.max').read()", "'201326592\\n'"},
	{"open('/sys/fs/cgroup/cpu.max').read()", "'100000 100000\\n'"},
	{"open('/proc/meminfo').readline().split()", "['MemTotal:', '196608', 'kB']"},
	{"open('/proc/cpuinfo').read().count('processor\\t')", "1"},
	{"open('/proc/self/cgroup').read() + open('/proc/self/maps').read()", "'0::/\\n'"},
	{"locale.setlocale(locale.LC_ALL, '')", "'C.UTF-8'"},
}

func TestAScriptFindsWhatItExpectsOfItsSystem(t *testing.T) {
	const script = `
import ctypes.util, getpass, grp, locale, mimetypes, multiprocessing, os, pandas, pathlib, pwd, subprocess, sys
def run(*command): return subprocess.run(command, capture_output=True, text=True).stdout.strip()
def attempt(expression):
    try: return repr(eval(expression))
    except BaseException as error: return f"{type(error).__name__}: {error}"
def main(*expressions): return [attempt(e) for e in expressions]`
	var expressions []string
	for _, e := range expected {
		expressions = append(expressions, e.expression)
	}
	args, err := json.Marshal(expressions)
	if err != nil {
		t.Fatal(err)
	}
	l := limits
	l.MemoryBytes = 192 << 20 // other than what the cell was parked with
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{Script: script, Args: args, Stdin: "typed", Limits: l})
		var found []string
		if err := json.Unmarshal(got.Result, &found); err != nil || len(found) != len(expected) {
			t.Fatalf("%s %s %+v", got.Status, got.Result, got.Error)
		}
		for i, e := range expected {
			if found[i] != e.want {
				t.Errorf("%s is %s, not %s", e.expression, found[i], e.want)
			}
		}
		if out, err := string(got.Stdout), string(got.Stderr); out != "one\n,a\n0,1\nof a child\nlast\n" || err != "error\nboth\n" {
			t.Errorf("it printed %q and %q", out, err)
		}
	})
}

// Python's own help finds what is installed, in every mode; it looks into each module.
func TestHelpListsTheModules(t *testing.T) {
	l := limits
	l.Wall, l.CPU = slowness*10*time.Minute, slowness*10*time.Minute
	for mode, script := range map[protocol.ScriptMode]string{"": "def main(): help('modules')", protocol.ScriptProgram: "help('modules')", protocol.ScriptCell: "help('modules')"} {
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: script, Mode: mode, Limits: l})
		if out := string(got.Stdout); got.Status != protocol.StatusOK || !strings.Contains(out, "numpy") || !strings.Contains(out, "zoneinfo") {
			t.Errorf("mode %q: %s %+v %q %s", mode, got.Status, got.Error, out, got.Stderr)
		}
	}
}

// A script can set every locale of its root: those of the host, or of tools/locales.
func TestLocalesOfTheRootCanBeSet(t *testing.T) {
	const script = `
import calendar, locale, subprocess
def main(*names):
    for name in subprocess.check_output(["locale", "-a"], text=True).split(): locale.setlocale(locale.LC_ALL, name)
    said = []
    for name in names:
        locale.setlocale(locale.LC_ALL, name)
        said.append(locale.format_string("%.2f", 1234.5, grouping=True) + " " + calendar.month_name[1])
    return said`
	args, want := `[]`, `[]`
	if os.Getenv("HOTCELL_ROOT") != "" {
		args, want = `["de_DE.UTF-8", "en_US.UTF-8", "it_IT.utf8", "ja_JP.UTF-8", "tr_TR.UTF-8"]`, `["1.234,50 Januar","1,234.50 January","1.234,50 gennaio","1,234.50 1月","1.234,50 Ocak"]`
	}
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: script, Args: []byte(args)})
	if string(got.Result) != want {
		t.Errorf("%s %+v", got.Result, got.Error)
	}
}

// What the disk has no room for is on stdin nevertheless.
func TestStdinMayBeLargerThanTheDisk(t *testing.T) {
	l := limits
	l.DiskBytes = 64 << 10
	got := execute(t, protocol.ModeFork, nsjail.Job{
		Limits: l, Stdin: strings.Repeat("x", 1<<20),
		Script: "import os, sys\ndef main(): return [len(sys.stdin.read()), os.path.exists('/dev/stdin'), open('a', 'w').write('x' * 8192)]",
	})
	if string(got.Result) != "[1048576,false,8192]" {
		t.Errorf("%s %+v", got.Result, got.Error)
	}
}

// The files that tell a script of its cell are its own to break: nothing of hotcell reads
// them, and the next cell has its own.
func TestWhatAScriptForgesOfItselfNobodyElseSees(t *testing.T) {
	forge := `
import os, shutil
def main():
    for name in ("passwd", "group", "meminfo", "memory.max"):
        with open("/box/etc/" + name, "w") as file: file.write("forged\n")
    shutil.rmtree("/box/etc")
    os.symlink("/usr", "/box/etc")
    os.rename("/box/work", "/box/elsewhere")
    os.symlink("/usr", "/box/work")
    return os.path.realpath("/mnt/data")`
	look := `
import os, pwd
def main(): return [pwd.getpwuid(os.getuid()).pw_name, open("/sys/fs/cgroup/memory.max").read(), os.path.realpath("/mnt/data")]`
	cell := spawn(t, theJail(t, protocol.ModeFork))
	for i, script := range []string{forge, look} {
		verdict, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Script: script, Limits: limits, Stdin: "a later call's"})
		if err != nil || verdict.Status != protocol.StatusOK && i == 0 {
			t.Fatalf("%v %+v", err, verdict.Error)
		}
	}
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: look})
	if want := fmt.Sprintf(`["cell","%d\n","/box/work"]`, limits.MemoryBytes); string(got.Result) != want {
		t.Errorf("%s %+v, not %s", got.Result, got.Error, want)
	}
}

// Orphans become children of a cell. They must not use up its processes, also while it
// waits for something else, and its own children stay for the script to wait for, also
// those of which Python does not know.
func TestOrphansDoNotUseUpAScriptsProcesses(t *testing.T) {
	const script = `
import ctypes, multiprocessing, os, signal, subprocess, threading
# It ends when they have, and the next time is after this process has run: so that no more
# are there at a time than may be, on any machine.
ORPHANS, TIMES = "(true & true &) | cat", range(25)
def system(n): return os.system(ORPHANS)
def main():
    late = [subprocess.Popen(["sh", "-c", f"exit {n}"]) for n in range(3)]
    forked = os.fork()
    if forked == 0: os._exit(4)
    spawned = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], {})
    unknown = ctypes.CDLL(None).fork()
    if unknown == 0: os._exit(7)
    systems = []
    thread = threading.Thread(target=lambda: systems.append(os.system("sleep 0.3; exit 6")))
    thread.start()
    ends = [{subprocess.run(ORPHANS, shell=True).returncode for _ in TIMES}, {system(n) for n in TIMES}]
    thread.join()
    for _ in range(50):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.fork()
            os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        os.read(read, 1)
        os.close(read)
    with multiprocessing.Pool(1) as pool: ends.append({pool.apply(system, [n]) for n in TIMES})
    many = subprocess.Popen(["sh", "-c", f"while read line; do {ORPHANS}; echo; done; exit 8"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in TIMES:
        os.write(many.stdin.fileno(), b"\n")
        os.read(many.stdout.fileno(), 1)
    many.stdin.close()
    ends.append({many.wait()})
    return [[list(each) for each in ends], [child.wait() for child in late], [os.waitstatus_to_exitcode(status)
            for status in (*(os.waitpid(pid, 0)[1] for pid in (forked, spawned, unknown)), systems[0])],
            signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL]`
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{Script: script})
		if string(got.Result) != "[[[0],[0],[0],[8]],[0,1,2],[4,5,7,6],true]" || len(got.Stderr) > 0 {
			t.Errorf("%s %s %+v %s", got.Status, got.Result, got.Error, got.Stderr)
		}
	})
}
