package nsjail_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func TestTheSelfTestFindsEveryLayerInPlace(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		jail, begin := theJail(t, mode), time.Now()
		checks, err := jail.SelfTest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("it took %v", time.Since(begin))
		for _, c := range nsjail.Missing(checks) {
			t.Errorf("%s: %s (%s)", c.Layer, c.Found, c.Remedy)
		}
		if len(checks) != len(nsjail.Layers()) {
			t.Errorf("%d checks of %d layers", len(checks), len(nsjail.Layers()))
		}
	})
}

// Each layer is taken away in turn, by changing the worker's files or nsjail's
// configuration on their way: nothing in hotcell itself can do that. The
// self-test must name exactly that layer.
func TestTheSelfTestNamesTheLayerThatIsMissing(t *testing.T) {
	type edit struct{ file, from, to string } // file "" is nsjail's configuration
	cases := []struct {
		layer string
		also  []string // layers that cannot hold without it
		edits []edit
	}{
		{"ipc-namespace", nil, []edit{{"cell.py", "| linux.CLONE_NEWIPC", ""}}},
		{"uts-namespace", nil, []edit{{"cell.py", "| linux.CLONE_NEWUTS", ""}}},
		{"pid-namespace", nil, []edit{{"zygote.py", "linux.unshare(linux.CLONE_NEWPID)", "pass"}}},
		{"network-namespace", nil, []edit{{"", "mode: ONCE", "mode: ONCE clone_newnet: false"}}},
		{"cgroup-namespace", nil, []edit{{"", "clone_newcgroup: true", "clone_newcgroup: false"}}},
		{"read-only-root", nil, []edit{{"", "dst: \"/box\"", "dst: \"/var\" fstype: \"tmpfs\" options: \"mode=0777\" rw: true } mount { dst: \"/box\""}}},
		{"no-proc-no-sys", nil, []edit{{"", "mount_proc: false", "mount_proc: true"}}},
		{"no-network", nil, []edit{{"cell.py", "linux.load_seccomp(_seccomp)", "linux.load_seccomp(bytes.fromhex('06000000' + '0000ff7f'))"},
			{"zygote.py", "linux.load_seccomp(base64.b64decode(self.start[\"zygote_seccomp\"]))", "linux.load_seccomp(bytes.fromhex('06000000' + '0000ff7f'))"}}},
		{"no-capabilities", nil, []edit{{"cell.py", "linux.drop_capabilities()", "pass"}}},
		{"no-new-privileges", nil, []edit{
			{"linux.py", "_prctl(_PR_SET_NO_NEW_PRIVS, 1)", "pass"},
			{"", "keep_caps: true", "keep_caps: true disable_no_new_privs: true"},
			{"cell.py", "linux.load_seccomp(_seccomp)", "pass"}, // cannot be loaded without
			{"cell.py", "landlock.restrict(ruleset, BOX)", "os.close(ruleset)"},
		}},
		{"zygote-seccomp", []string{"no-network"}, []edit{{"zygote.py", "linux.load_seccomp(base64.b64decode(self.start[\"zygote_seccomp\"]))", "pass"}}},
		{"seccomp", nil, []edit{{"cell.py", "linux.load_seccomp(_seccomp)", "pass"}}},
		{"landlock", nil, []edit{{"cell.py", "landlock.restrict(ruleset, BOX)", "os.close(ruleset)"}}},
		{"own-uid", nil, []edit{{"cell.py", `uid = spawn["uid"]`, "uid = os.getuid() + 1"}}},
		{"resource-limits", nil, []edit{{"cell.py", "        _limit(spawn)\n", ""}}},
		{"no-foreign-descriptors", nil, []edit{{"cell.py", "os.closerange(targets.stop, 1 << 20)", "os.closerange(targets.stop + 8, 1 << 20)"},
			{"cell.py", "os.dup2(fd, target, inheritable=False)", "os.dup2(fd, target, inheritable=False); os.dup2(0, 8)"}}},
		{"randomness", nil, []edit{{"fresh.py", "loaded.seed(", "loaded.seed(7) if os.getpid() == 1 else ("}}},
		{"cgroup-memory", nil, []edit{{"cell.py", "for fd in cgroups:", "for fd in [fd for fd in cgroups if not _is(fd, 'memory')]:"}, {"cell.py", "class Steps:", isCgroup}}},
	}
	for _, c := range cases {
		t.Run(c.layer, func(t *testing.T) {
			if c.layer == "landlock" && sharedHost(t).LandlockABI() == 0 {
				t.Skip("the kernel has no Landlock")
			}
			host, worker := ownHost(t)
			p := profile(t, protocol.ModeFork)
			var program strings.Builder
			for _, e := range c.edits {
				if e.file == "" {
					fmt.Fprintf(&program, "text = text.replace(%q, %q)\n", e.from, e.to)
					continue
				}
				replaceIn(t, filepath.Join(worker, e.file), e.from, e.to)
			}
			if program.Len() > 0 {
				p.Nsjail = nsjailWith(t, program.String())
			}
			jail, err := host.StartJail(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			defer jail.Close()
			checks, err := jail.SelfTest(t.Context())
			if c.layer == "cgroup-memory" {
				if err == nil || !strings.Contains(err.Error(), `is in "/`) {
					t.Errorf("a cell outside its cgroup was taken: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var missing []string
			for _, check := range nsjail.Missing(checks) {
				missing = append(missing, check.Layer)
				if check.Remedy == "" || check.Found == "" {
					t.Errorf("%+v says too little", check)
				}
			}
			want := append([]string{c.layer}, c.also...)
			if c.layer == "no-new-privileges" {
				want = append(want, "seccomp")
				if sharedHost(t).LandlockABI() > 0 {
					want = append(want, "landlock")
				}
			}
			slices.Sort(missing)
			slices.Sort(want)
			if !slices.Equal(missing, want) {
				t.Errorf("missing %v, want %v", missing, want)
			}
		})
	}
}

const isCgroup = `def _is(fd, name):
    import os
    return name in os.readlink(f"/proc/self/fd/{fd}") if os.path.exists("/proc") else fd == _skip(fd)


def _skip(fd):
    _skip.count = getattr(_skip, "count", 0) + 1
    return fd if _skip.count == 3 else -1  # cpu, cpuacct, memory, pids


class Steps:`

// ownHost is a host of the test's own, with its worker's directory.
func ownHost(t *testing.T) (*nsjail.Host, string) {
	t.Helper()
	testkit.NeedsJails(t)
	state, err := os.MkdirTemp("", "hotcell-own-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	host, err := nsjail.OpenHost(nsjail.HostConfig{StateDir: state, Log: testLog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(state)
	})
	found, _ := filepath.Glob(filepath.Join(state, "hotcell-*", "worker", "pyworker"))
	if len(found) != 1 {
		t.Fatal("no worker's directory")
	}
	return host, found[0]
}

func replaceIn(t *testing.T, file, from, to string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s does not have %q any more", file, from)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// nsjailWith is an nsjail that reads a changed configuration.
func nsjailWith(t *testing.T, program string) string {
	t.Helper()
	real, err := filepath.Glob(testkit.Python(t) + "/lib/python3*/site-packages/nsjail/bin/nsjail")
	if err != nil || len(real) != 1 {
		t.Fatalf("%v %v", real, err)
	}
	script := filepath.Join(t.TempDir(), "nsjail")
	text := "#!/usr/bin/python3\nimport os\ntext = open('/proc/self/fd/3').read()\nbefore = text\n" + program +
		"assert text != before, 'nothing changed'\nfd = os.memfd_create('changed', 0)\nos.write(fd, text.encode())\nos.set_inheritable(fd, True)\n" +
		fmt.Sprintf("os.execv(%q, ['nsjail', '--config', f'/proc/self/fd/{fd}'])\n", real[0])
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return script
}

func TestExamineGoesAsFarAsItCan(t *testing.T) {
	state, err := os.MkdirTemp("", "hotcell-examine-")
	if err == nil {
		err = os.Chmod(state, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(state)
	cfg := nsjail.HostConfig{StateDir: state}
	p := profile(t, protocol.ModeFork)
	checks := nsjail.Examine(t.Context(), cfg, p)
	if missing := nsjail.Missing(checks); len(missing) > 0 || len(checks) < len(nsjail.Layers())+9 {
		t.Errorf("%d checks, missing %+v", len(checks), missing)
	}
	p.Python = "/nosuch"
	checks = nsjail.Examine(t.Context(), cfg, p)
	missing := nsjail.Missing(checks)
	if len(missing) != 1 || missing[0].Layer != "python-environment" || missing[0].Remedy == "" {
		t.Errorf("%+v", missing)
	}
	p = profile(t, protocol.ModeFork)
	p.Preload = []string{"nosuch"}
	missing = nsjail.Missing(nsjail.Examine(t.Context(), cfg, p))
	if len(missing) != 1 || missing[0].Layer != "jail" || !strings.Contains(missing[0].Found, "import nosuch") {
		t.Errorf("%+v", missing)
	}
}
