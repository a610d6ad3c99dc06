package environment

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotcell/hotcell/nsjail/program"
)

// Where things are inside a jail.
const (
	Python = "/env"     // the Python environment
	Worker = "/hotcell" // the worker's package
	Box    = "/box"     // each cell's own tmpfs
	// What a zygote may write while it warms up. Cells see their own disk there.
	zygoteBoxBytes = 16 << 20
)

// Jails see the parts of the host's /usr that Python, its libraries and the usual tools
// (coreutils, awk, sed, perl) read. They do not see what the administrator installed
// (/usr/local, /usr/src), headers, manuals and the data of other programs.
var (
	systemDirs  = []string{"bin", "lib", "lib32", "lib64"}
	systemShare = []string{
		"fontconfig", "fonts", "i18n", "locale", "mime", "misc", "perl", "perl5", "python3", "tabset", "tcltk", "terminfo", "zoneinfo",
	}
	// The linker's cache, the targets of links in /usr/bin, and what files' names tell
	// of their contents. ldconfig is what ctypes.util.find_library asks.
	systemFiles = []string{"/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/mime.types"}
)

// systemMounts returns the root that all jails share: libraries of the host, or of a root
// of the jail's own, read-only, and nothing of /proc, /sys, /home or /var. Of a root of
// the jail's own it shows all of /usr.
func systemMounts(root string) []program.Mount {
	var mounts []program.Mount
	show := func(path string) {
		if target, err := os.Readlink(root + path); err == nil {
			mounts = append(mounts, program.Mount{Target: path, Link: target})
		} else if exists(root + path) {
			mounts = append(mounts, program.Mount{Target: path, Source: root + path})
		}
	}
	if root != "" {
		show("/usr")
	} else {
		for _, dir := range systemDirs {
			show("/usr/" + dir)
		}
		for _, dir := range systemShare {
			show("/usr/share/" + dir)
		}
	}
	for _, path := range systemFiles {
		show(path)
	}
	if python, err := filepath.Glob(root + "/etc/python3*"); err == nil { // sitecustomize.py is a link to there
		for _, path := range python {
			show(strings.TrimPrefix(path, root))
		}
	}
	if target, err := os.Readlink(root + "/sbin"); err == nil {
		mounts = append(mounts, program.Mount{Target: "/sbin", Link: target})
		if ldconfig := "/usr/sbin/ldconfig"; root == "" && exists(ldconfig) {
			mounts = append(mounts, program.Mount{Target: ldconfig, Source: ldconfig})
		}
	} else {
		show("/sbin/ldconfig")
	}
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		// A read-only mount allows writes to a device, and forbids changes of its times
		// and mode, which are those of the host.
		mounts = append(mounts, program.Mount{Target: "/dev/" + device, Source: "/dev/" + device, Device: true})
	}
	return append(mounts,
		program.Mount{Target: Box, Tmpfs: fmt.Sprintf("size=%d,mode=0755", zygoteBoxBytes), Write: true},
		program.Mount{Target: "/tmp", Link: "box/tmp"},
		program.Mount{Target: "/dev/shm", Link: "/box/shm"},
		program.Mount{Target: "/dev/stdin", Link: ownDir + "/stdin"},
		program.Mount{Target: "/dev/stdout", Link: ownDir + "/stdout"},
		program.Mount{Target: "/dev/stderr", Link: ownDir + "/stderr"},
		program.Mount{Target: "/dev/fd/0", Link: "/dev/stdin"},
		program.Mount{Target: "/dev/fd/1", Link: "/dev/stdout"},
		program.Mount{Target: "/dev/fd/2", Link: "/dev/stderr"},
		// Where assistants write by habit.
		program.Mount{Target: "/mnt/data", Link: Box + "/work"},
		program.Mount{Target: "/home/user", Link: Box + "/work"},
		// The cell's own user, whose number no other cell has.
		program.Mount{Target: "/etc/passwd", Link: ownDir + "/passwd"},
		program.Mount{Target: "/etc/group", Link: ownDir + "/group"},
		program.Mount{Target: "/etc/httpd/mime.types", Link: Worker + "/etc/mime.types"},
		program.Mount{Target: "/proc", Link: procDir},
		program.Mount{Target: "/sys", Link: sysDir},
	)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// interpreterMounts returns mounts for an interpreter that is not the system's, and its
// library. Of /usr/local they show only the directories that have these.
func interpreterMounts(interpreter string) []program.Mount {
	prefix := filepath.Dir(filepath.Dir(interpreter))
	switch prefix {
	case "/usr":
		return nil
	case "/usr/local":
		var mounts []program.Mount
		for _, dir := range systemDirs {
			if path := filepath.Join(prefix, dir); exists(path) {
				mounts = append(mounts, program.Mount{Target: path, Source: path})
			}
		}
		return mounts
	}
	return []program.Mount{{Target: prefix, Source: prefix}}
}
