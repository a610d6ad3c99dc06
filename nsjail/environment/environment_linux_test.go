package environment_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/program"
	"github.com/hotcell/hotcell/nsjail/uids"
)

var jailsUIDs = uids.Range{First: 20000, Count: 100}

// virtualEnvironment makes a virtual environment on the system's interpreter, with an
// nsjail of its own.
func virtualEnvironment(t *testing.T) string {
	t.Helper()
	dir, err := testkit.OpenDir("", "hotcell-environment-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	nsjail := filepath.Join(dir, "lib", "python3.11", "site-packages", "nsjail", "bin", "nsjail")
	for _, made := range []string{filepath.Join(dir, "bin"), filepath.Dir(nsjail)} {
		if err := os.MkdirAll(made, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{filepath.Join(dir, "pyvenv.cfg"): "home = /usr/bin\n", nsjail: ""} {
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/usr/bin/python3", filepath.Join(dir, "bin", "python3")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAJailShowsNothingOfTheHostButLibrariesAndDevices(t *testing.T) {
	dir := virtualEnvironment(t)
	env, err := environment.Open("", dir, "", jailsUIDs)
	if err != nil {
		t.Fatal(err)
	}
	cfg := env.Config("test", program.IDs{}, "/worker", nil)
	for _, m := range cfg.Mounts {
		if m.Write && m.Target != environment.Box {
			t.Errorf("%s is writable", m.Target)
		}
		top := "/" + strings.SplitN(m.Target, "/", 3)[1]
		if !slices.Contains([]string{"/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc", "/dev", "/tmp", "/mnt", "/home", "/proc", "/sys", environment.Python, environment.Worker, environment.Box}, top) {
			t.Errorf("the jail has %s", m.Target)
		}
		if m.Source != "" && m.Device != strings.HasPrefix(m.Target, "/dev/") {
			t.Errorf("%+v is a device, or in the wrong place", m)
		}
	}
	for _, hidden := range []string{"/usr", "/usr/local", "/usr/src", "/etc", "/dev"} {
		if slices.ContainsFunc(cfg.Mounts, func(m program.Mount) bool { return m.Source == hidden }) {
			t.Errorf("the jail shows all of %s", hidden)
		}
	}
	shown := environment.Files(cfg.Mounts)
	if !slices.ContainsFunc(shown, func(m program.Mount) bool { return m.Source == dir && m.Target == environment.Python }) ||
		!slices.ContainsFunc(shown, func(m program.Mount) bool { return m.Source == "/worker" && m.Target == environment.Worker }) {
		t.Errorf("the environment or the worker is not shown: %+v", shown)
	}
}

func TestAnEnvironmentThatJailsCannotUseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string
	}{
		"no pyvenv.cfg":      {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "pyvenv.cfg")) }, "no pyvenv.cfg"},
		"a closed directory": {func(t *testing.T, dir string) { chmod(t, dir, 0o700) }, "the jail's user cannot pass it"},
		"no interpreter":     {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "bin", "python3")) }, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := virtualEnvironment(t)
			c.spoil(t, dir)
			if _, err := environment.Open("", dir, "", jailsUIDs); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("it was refused with %v, want %s", err, c.want)
			}
		})
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, file string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}
