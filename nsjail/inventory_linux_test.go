package nsjail_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// These tables list everything that a cell can see. Anything else is a leak.
var (
	// Directories and their contents; "?" marks what not every system has.
	seenNames = map[string]string{
		"/":          "bin box dev env etc home hotcell lib lib32? lib64? mnt proc sbin sys tmp usr opt?",
		"/box":       "etc script shm tmp work",
		"/box/etc":   "group meminfo memory.max passwd stderr stdin stdout",
		"/box/work":  "",
		"/dev":       "fd full null random shm stderr stdin stdout urandom zero",
		"/dev/fd":    "0 1 2",
		"/etc":       "alternatives? group httpd ld.so.cache? mime.types? passwd python3? python3.11? python3.13?",
		"/home":      "user",
		"/hotcell":   "etc proc pyworker sys",
		"/etc/httpd": "mime.types", "/hotcell/etc": "mime.types",
		"/mnt":           "data",
		"/proc":          "cpuinfo meminfo self stat vmstat",
		"/proc/self":     "cgroup maps",
		"/sys":           "fs",
		"/sys/fs":        "cgroup",
		"/sys/fs/cgroup": "cgroup.controllers cpu.max memory.max",
		"/usr":           "bin lib lib32? lib64? sbin? share",
		"/usr/sbin":      "ldconfig?",
		"/usr/share":     "fontconfig? fonts? i18n? locale? mime? misc? perl? perl5? python3? tabset? tcltk? terminfo? zoneinfo?",
	}
	// Mounts that can be written to; all others are read-only.
	seenWritable = []string{"/box"}
	// Mounts with device nodes.
	seenDevices = []string{"/dev/full", "/dev/null", "/dev/random", "/dev/urandom", "/dev/zero"}

	seenDescriptors = map[int]string{0: "/dev/null", 1: "/box/etc/stdout", 2: "/box/etc/stderr", 3: "socket:"}
	// With the flags of open(2), in octal, without those that do not concern rights.
	seenFlags = map[int]string{0: "0100000", 1: "0100001", 2: "0100001", 3: "02000002"}

	seenEnvironment = []string{"BLIS_NUM_THREADS=1", "HOME=/box/work", "HOTCELL_MEMORY_BYTES=268435456", "JE_ARROW_MALLOC_CONF=background_thread:false", "LANG=C.UTF-8", "LOGNAME=cell", "LOKY_MAX_CPU_COUNT=1", "MKL_NUM_THREADS=1", "MPLBACKEND=Agg",
		"MPLCONFIGDIR=/box/cache/matplotlib", "NUMBA_NUM_THREADS=1", "NUMEXPR_NUM_THREADS=1", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "PATH=/env/bin:/usr/bin:/bin",
		"POLARS_MAX_THREADS=1", "PYTHON_CPU_COUNT=1", "RAYON_NUM_THREADS=1", "TMPDIR=/tmp", "TZ=UTC", "USER=cell", "VECLIB_MAXIMUM_THREADS=1", "XDG_CACHE_HOME=/box/cache"}
)

func TestACellSeesNothingButWhatIsInTheTable(t *testing.T) {
	const look = `
import json, os, sys
def main(directories):
    return {d: sorted(os.listdir(d)) for d in directories if os.path.isdir(d)}`
	t.Setenv("SECRET", "not for cells")
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		t.Run("names", func(t *testing.T) {
			args, err := json.Marshal([]any{slices.Sorted(maps.Keys(seenNames))})
			if err != nil {
				t.Fatal(err)
			}
			got := execute(t, mode, nsjail.Job{Script: look, Args: args})
			var found map[string][]string
			if err := json.Unmarshal(got.Result, &found); err != nil {
				t.Fatalf("%v: %+v", err, got)
			}
			for dir, table := range seenNames {
				if os.Getenv("HOTCELL_ROOT") != "" && strings.HasPrefix(dir, "/usr") {
					continue // a root file system of the jail's own is shown as it is
				}
				compareNames(t, dir, table, found[dir])
			}
		})
		cell := parked(t, spawn(t, theJail(t, mode)))
		t.Run("mounts", func(t *testing.T) {
			last := make(map[string]mountOf) // a later mount hides an earlier one
			for _, m := range mountsOf(t, cell.PID()) {
				last[m.target] = m
				if m.propagates {
					t.Errorf("%s shares its mounts with another namespace", m.target)
				}
				if !m.options["nosuid"] && m.target != "/" {
					t.Errorf("%s is mounted with %v", m.target, m.options)
				}
			}
			for target, m := range last {
				if m.options["rw"] != slices.Contains(seenWritable, target) {
					t.Errorf("%s is mounted with %v", target, m.options)
				}
				if !m.options["nodev"] && target != "/" && !slices.Contains(seenDevices, target) {
					t.Errorf("%s may have device nodes", target)
				}
				if target != "/box" && !seenBelow(target) {
					t.Errorf("a mount at %s", target)
				}
			}
			if !last["/box"].options["noexec"] || last["/box"].kind != "tmpfs" {
				t.Errorf("/box is %+v", last["/box"])
			}
		})
		t.Run("descriptors", func(t *testing.T) {
			found := descriptors(t, cell.PID())
			maps.DeleteFunc(found, func(_ int, target string) bool { // closed before the script begins
				return target == "/box/script/script.py"
			})
			for fd, target := range found {
				if want, ok := seenDescriptors[fd]; !ok || !strings.HasPrefix(target, want) {
					t.Errorf("descriptor %d is %s", fd, target)
				}
			}
			if len(found) != len(seenDescriptors) {
				t.Errorf("it has descriptors %v", found)
			}
			for fd, want := range seenFlags {
				info := strings.Join(lines(t, cell.PID(), "fdinfo/"+string(rune('0'+fd))), "\n")
				if flags := regexp.MustCompile(`flags:\t(\d+)`).FindStringSubmatch(info); len(flags) != 2 || flags[1] != want {
					t.Errorf("descriptor %d has flags %v, not %s", fd, flags, want)
				}
			}
		})
		t.Run("environment", func(t *testing.T) {
			got := execute(t, mode, nsjail.Job{Script: "import os\ndef main(): return sorted(f'{k}={v}' for k, v in os.environ.items())"})
			var found []string
			if err := json.Unmarshal(got.Result, &found); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(found, seenEnvironment) {
				t.Errorf("%q", found)
			}
		})
	})
}

func compareNames(t *testing.T, dir, table string, found []string) {
	t.Helper()
	var known []string
	for name := range strings.FieldsSeq(table) {
		name, optional := strings.CutSuffix(name, "?")
		known = append(known, name)
		if !optional && !slices.Contains(found, name) {
			t.Errorf("%s has no %s", dir, name)
		}
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("%s has %s, which is not in the table", dir, name)
		}
	}
}

// seenBelow reports whether the tables contain a path, or one below it.
func seenBelow(path string) bool {
	if path == "/" || path == "/env" || strings.HasPrefix(path, "/opt/") || path == "/usr" && os.Getenv("HOTCELL_ROOT") != "" {
		return true
	}
	for name := range strings.FieldsSeq(seenNames[filepath.Dir(path)]) {
		if strings.TrimSuffix(name, "?") == filepath.Base(path) {
			return true
		}
	}
	return false
}

// The times and modes of a device node are the host's.
func TestDeviceNodesOfTheHostCannotBeChanged(t *testing.T) {
	const attempt = `
import os
def refused(call, *args):
    try: call(*args)
    except OSError as e: return e.errno
    return 0
def main():
    for path in ("/dev/null", "/dev/zero", "/dev/full"):
        with open(path, "r+b", buffering=0) as f: f.read(1)
    with open("/dev/null", "w") as f: f.write("x")
    nodes = [0] + ["/dev/" + name for name in ("null", "zero", "full", "random", "urandom")]
    return sorted({refused(call, node, *args) for node in nodes for call, args in
                   ((os.utime, ()), (os.utime, ((1, 1),)), (os.chmod, (0o600,)), (os.chown, (os.getuid(), -1)))})`
	const eperm, erofs = "1", "30"
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{Script: attempt})
		if string(got.Result) != "["+erofs+"]" && string(got.Result) != "["+eperm+","+erofs+"]" {
			t.Errorf("%s %+v", got.Result, got.Error)
		}
	})
}
