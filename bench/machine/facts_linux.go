package machine

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/hotcell/hotcell/bench/baseline"
)

// Name returns the name of the machine in one line.
func Name() string {
	return fmt.Sprintf("%d × %s, Linux %s", runtime.NumCPU(), valueOf("/proc/cpuinfo", "model name"), contentOf("/proc/sys/kernel/osrelease"))
}

// Facts returns what the figures depend on: the machine, the interpreter, and the
// load from other programs when the measurement began.
func Facts(python baseline.Interpreter) []Fact {
	versions := "unknown"
	out, err := python.Command("-I", "-c", "import sys, numpy, pandas\nprint('Python', sys.version.split()[0], 'numpy', numpy.__version__, 'pandas', pandas.__version__)").Output()
	if err == nil {
		versions = strings.TrimSpace(string(out))
	}
	load, _, _ := strings.Cut(contentOf("/proc/loadavg"), " ")
	return []Fact{
		{"processors", fmt.Sprintf("%d × %s", runtime.NumCPU(), valueOf("/proc/cpuinfo", "model name"))},
		{"memory", valueOf("/proc/meminfo", "MemTotal")},
		{"kernel", "Linux " + contentOf("/proc/sys/kernel/osrelease")},
		{"libraries", versions},
		{"Go", runtime.Version()},
		{"huge pages", contentOf("/sys/kernel/mm/transparent_hugepage/enabled")},
		{"load average before", load},
		{"load generator", "on the same processors, in a process of its own"},
	}
}

func contentOf(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// valueOf returns the value in the first line `name: value`.
func valueOf(path, name string) string {
	for line := range strings.Lines(contentOf(path)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
