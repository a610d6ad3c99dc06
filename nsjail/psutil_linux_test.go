package nsjail_test

import (
	"encoding/json"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// What scripts ask psutil about themselves has answers, though there is no /proc; the
// rest is refused by psutil's own errors.
func TestPsutilKnowsTheProcessItself(t *testing.T) {
	expected := []struct{ expression, want string }{
		{"psutil.virtual_memory().total == int(os.environ['HOTCELL_MEMORY_BYTES'])", "True"},
		{"10 << 20 < most() <= me.memory_info().rss <= most()", "True"}, // it may grow meanwhile
		{"psutil.Process(os.getpid()).memory_full_info().uss > 10 << 20", "True"},
		{"0 < me.memory_percent() < 100", "True"},
		{"me.cpu_times().user >= 0 == me.cpu_percent()", "True"},
		{"0 <= time.time() - me.create_time() < 3600 and me.create_time() == psutil.Process().create_time()", "True"},
		{"[me.pid == os.getpid(), me.ppid() == os.getppid(), psutil.pids() == [me.pid], psutil.pid_exists(me.pid)]", "[True, True, True, True]"},
		{"[me.name().startswith('python'), me.status(), me.num_threads(), me.cwd(), me.exe() == sys.executable]", "[True, 'running', 1, '/box/work', True]"},
		{"[me.username(), me.children(recursive=True), me.is_running(), me.parent()]", "['cell', [], True, None]"},
		{"[me.num_fds() > 2, me.environ()['USER'], me.cmdline()[1:] == sys.argv, me.uids().real == os.getuid()]", "[True, 'cell', True, True]"},
		{"[len(me.as_dict()) > 20, len(list(psutil.process_iter(['name', 'memory_info'])))]", "[True, 1]"},
		{"str(me).startswith(f'psutil.Process(pid={me.pid}, name=')", "True"},
		{"me.open_files()", "AccessDenied: a cell has no /proc: psutil knows a process itself, and not all of it (pid=%d)"},
		{"psutil.Process(30000)", "NoSuchProcess: process PID not found (pid=30000)"},
		{"psutil.Process(child.pid).memory_info()", "AccessDenied: a cell has no /proc: psutil knows a process itself, and not all of it (pid=%d)"},
		{"[psutil.Process(child.pid).is_running(), psutil.Process(child.pid).kill(), psutil.Process(child.pid).wait(60)]", "[True, None, <Negsignal.SIGKILL: -9>]"},
		{"multiprocessing.Pool(1).apply(of_a_worker)", "[True, True]"},
	}
	const script = `
import multiprocessing, os, psutil, re, resource, subprocess, sys, time
me = psutil.Process()
child = subprocess.Popen(["sleep", "600"])
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
def of_a_worker(): return [psutil.Process().pid != me.pid, psutil.Process().memory_info().rss > 10 << 20]
def attempt(expression):
    try: return repr(eval(expression))
    except BaseException as error: return re.sub(r"pid=[0-9]{1,3}\b", "pid=%d", f"{type(error).__name__}: {error}")
def main(*expressions): return [attempt(e) for e in expressions]`
	var expressions []string
	for _, e := range expected {
		expressions = append(expressions, e.expression)
	}
	args, err := json.Marshal(expressions)
	if err != nil {
		t.Fatal(err)
	}
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{Script: script, Args: args})
		var found []string
		if err := json.Unmarshal(got.Result, &found); err != nil || len(found) != len(expected) {
			t.Fatalf("%s %s %+v", got.Status, got.Result, got.Error)
		}
		for i, e := range expected {
			if found[i] != e.want {
				t.Errorf("%s is %s, not %s", e.expression, found[i], e.want)
			}
		}
	})
}
