package deploy

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// programs returns the directory with the programs that make build has made.
func programs(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(testkit.Checkout(), "build")
	for _, name := range []string{"hotcell", "hotcell-attack", "hotcell-bench"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("%v: run make build", err)
		}
	}
	return dir
}

// emptyEnvironment returns a virtual environment without packages.
func emptyEnvironment(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "env")
	run(t, nil, "/usr/bin/python3", "-m", "venv", "--without-pip", dir)
	return dir
}

// run runs a command in the repository's root, and returns its output.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = testkit.Checkout()
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// files returns the paths of the files below dir, and their texts.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, dir)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// installed are files that every installation has, below the prefix.
var installed = []string{
	"/bin/hotcell", "/bin/hotcell-attack", "/bin/hotcell-bench", "/share/man/man1/hotcell.1.gz", "/share/man/man1/hotcell-key-revoke.1.gz",
	"/share/bash-completion/completions/hotcell", "/lib/systemd/system/hotcell.service",
	"/share/doc/hotcell/README.md", "/share/doc/hotcell/docs/keys.md", "/share/doc/hotcell/examples/hotcell.yaml", "/share/doc/hotcell/examples/keys.yaml",
}

func TestWhatIsInstalledIsWholeAndCanBeRemoved(t *testing.T) {
	dest, env := t.TempDir(), emptyEnvironment(t)
	// Who builds it is not who installs it.
	ofUser := filepath.Join(env, "lib", "module.py")
	if err := errors.Join(os.WriteFile(ofUser, []byte("x = 1\n"), 0o600), os.Chmod(ofUser, 0o620)); err != nil { // #nosec G302 -- as an odd umask makes it
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(ofUser, 54321, 54321); err != nil {
			t.Fatal(err)
		}
	}
	run(t, nil, "tools/install", programs(t), env, dest, "/opt/x", "/opt/x/lib/hotcell/python")
	info, err := os.Stat(dest + "/opt/x/lib/hotcell/python/lib/module.py")
	if err != nil || info.Mode().Perm() != 0o644 || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
		t.Errorf("a file of the environment: %+v %v", info, err)
	}
	got := files(t, dest)
	for _, file := range append([]string{"/share/doc/hotcell/LICENSE", "/lib/hotcell/python/pyvenv.cfg"}, installed...) {
		if got["/opt/x"+file] == "" {
			t.Errorf("%s is missing", file)
		}
	}
	unit := got["/opt/x/lib/systemd/system/hotcell.service"]
	for _, line := range []string{"ExecStart=/opt/x/bin/hotcell serve\n", "HOTCELL_PYTHON=/opt/x/lib/hotcell/python\n", "ExecReload=/bin/kill -HUP $MAINPID\n"} {
		if !strings.Contains(unit, line) {
			t.Errorf("the unit does not have %q:\n%s", line, unit)
		}
	}
	// It finds its environment and its pages where they are.
	check := exec.Command(dest+"/opt/x/bin/hotcell", "serve", "--check", "--keys", "/nowhere")
	check.Env = []string{"PATH=/nowhere"}
	said, err := check.CombinedOutput()
	for _, want := range []string{dest + "/opt/x/lib/hotcell/python", "hint: " + dest + "/opt/x/share/doc/hotcell/docs/keys.md"} {
		if err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%v: %s\ndoes not say %s", err, said, want)
		}
	}
	run(t, nil, "tools/install", "--remove", dest, "/opt/x")
	if left := files(t, dest); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Somebody who clones into a closed home directory learns at once that jails cannot run
// from there.
func TestACloneBelowAClosedDirectoryIsToldAtOnce(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("cells of an ordinary user have that user's uid")
	}
	open, err := testkit.OpenDir("", "hotcell-reach-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(open)
	run(t, nil, "tools/reachable", open+"/x/python")
	if err := os.Chmod(open, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tools/reachable", open+"/x/python")
	cmd.Dir = testkit.Checkout()
	said, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(said), open+" is closed to other users (drwx------)") || !strings.Contains(string(said), "make run ENVIRONMENT=") {
		t.Errorf("%v: %s", err, said)
	}
}

// make run greets once the server answers, also one that wants keys, and then asks no more.
func TestMakeRunGreets(t *testing.T) {
	const info = `{"uids": "range", "profiles": {"default": {"python": "3.11.2", "preload": [], "isolation": {"seccomp": true}}}}`
	for keys, want := range map[bool]string{false: "profile default: Python 3.11.2", true: "to those who have a key"} {
		var asked atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Host != "" {
				t.Error("it asks the proxy for this machine")
			}
			if r.URL.Path == "/info" && keys && asked.Add(1) < 20 { // until it gives up
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = io.WriteString(w, info)
		}))
		said := run(t, []string{"http_proxy=" + server.URL, "no_proxy="}, "/usr/bin/python3", "tools/welcome.py", strconv.Itoa(os.Getpid()), server.URL)
		server.Close()
		if !strings.Contains(said, "hotcell answers at "+server.URL) || !strings.Contains(said, want) {
			t.Errorf("%s\ndoes not say %s", said, want)
		}
	}
}

// It does not greet for another server that has the address.
func TestMakeRunDoesNotGreetForAnotherServer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"uids": "range", "profiles": {}}`)
	}))
	defer server.Close()
	program := t.TempDir() + "/hotcell"
	played := "#!/bin/sh\ncase $* in *--print-config) echo 'listen: " + server.Listener.Addr().String() + "  # the default' ;; *) sleep 1; echo ended ;; esac\n"
	if err := os.WriteFile(program, []byte(played), 0o700); err != nil {
		t.Fatal(err)
	}
	if said := run(t, nil, "tools/serve", program, "/usr/bin/python3"); !strings.Contains(said, "ended") || strings.Contains(said, "hotcell answers") {
		t.Error(said)
	}
}

// profile build refuses a directory that is there, so it must not run a second time.
func TestAnEnvironmentElsewhereIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	making := func() bool {
		return strings.Contains(run(t, []string{"MAKEFLAGS="}, "make", "--dry-run", "ENVIRONMENT="+dir, dir+"/pyvenv.cfg"), "profile build")
	}
	if !making() {
		t.Error("it is not made")
	}
	if err := os.WriteFile(dir+"/pyvenv.cfg", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if making() {
		t.Error("it is made though it is there")
	}
}
