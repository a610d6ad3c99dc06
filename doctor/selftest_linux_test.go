package doctor_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/protocol"
)

func TestTheSelfTestFindsEveryLayerInPlace(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		jail, begin := theJail(t, mode), time.Now()
		checks, err := doctor.SelfTest(t.Context(), jail)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("it took %v", time.Since(begin))
		for _, c := range doctor.Missing(checks) {
			t.Errorf("%s: %s (%s)", c.Layer, c.Found, c.Remedy)
		}
		if len(checks) != len(doctor.Layers()) {
			t.Errorf("%d checks of %d layers", len(checks), len(doctor.Layers()))
		}
	})
}

// Libraries start threads when they are loaded, which count as the cell's processes.
func TestTheSelfTestHoldsWithThreadsOfLibraries(t *testing.T) {
	p := profile(t, protocol.ModeExec)
	p.Preload, p.Warmup = nil, testjail.ThreadsWarmup
	jail, err := sharedHost(t).StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	checks, err := doctor.SelfTest(t.Context(), jail)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range doctor.Missing(checks) {
		t.Errorf("%s: %s (%s)", c.Layer, c.Found, c.Remedy)
	}
}

// Removes each layer in turn by editing the worker's files or nsjail's configuration;
// hotcell itself cannot do that. The self-test must name exactly that layer.
func TestTheSelfTestNamesTheLayerThatIsMissing(t *testing.T) {
	testkit.NeedsJails(t)
	type edit struct{ file, from, to string } // file "" is nsjail's configuration
	cases := []struct {
		layer string
		also  []string // layers that cannot hold without it
		edits []edit
	}{
		{"ipc-namespace", nil, []edit{{"isolation.py", "| linux.CLONE_NEWIPC", ""}}},
		{"uts-namespace", nil, []edit{{"isolation.py", "| linux.CLONE_NEWUTS", ""}}},
		{"pid-namespace", nil, []edit{{"zygote.py", "linux.unshare(linux.CLONE_NEWPID)", "pass"}, {"loop.py", `"unshare", linux.CLONE_NEWPID`, `"unshare", 0`}}},
		{"network-namespace", nil, []edit{{"", "mode: ONCE", "mode: ONCE clone_newnet: false"}}},
		{"cgroup-namespace", nil, []edit{{"", "clone_newcgroup: true", "clone_newcgroup: false"}}},
		{"read-only-root", nil, []edit{{"", "dst: \"/box\"", "dst: \"/var\" fstype: \"tmpfs\" options: \"mode=0777\" rw: true } mount { dst: \"/box\""}}},
		{"no-proc-no-sys", nil, []edit{{"", "src: \"/hotcell/proc\"\nis_symlink: true", "fstype: \"proc\""}}},
		{"no-network", nil, []edit{{"isolation.py", "_seccomp = seccomp", "_seccomp = bytes.fromhex('06000000' + '0000ff7f')"},
			{"zygote.py", "linux.load_seccomp(base64.b64decode(self.start[\"zygote_seccomp\"]))", "linux.load_seccomp(bytes.fromhex('06000000' + '0000ff7f'))"}}},
		{"no-capabilities", nil, []edit{{"isolation.py", `self.add("capabilities", "capset", *linux.NO_CAPABILITIES)`, "pass"}}},
		{"no-new-privileges", nil, []edit{
			{"linux.py", "_prctl(PR_SET_NO_NEW_PRIVS, 1)", "pass"},
			{"isolation.py", `self.add("no_new_privs", "prctl", linux.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)`, "pass"},
			{"", "keep_caps: true", "keep_caps: true disable_no_new_privs: true"},
			{"isolation.py", `self.add("seccomp", "seccomp", linux.SECCOMP_SET_MODE_FILTER, flags, program, want=0)`, "pass"}, // without no_new_privs it cannot be loaded
			{"isolation.py", "self.add_landlock(unused + 1)", `self.add("landlock", "close", _RULESET)`},
		}},
		{"zygote-seccomp", []string{"no-network"}, []edit{{"zygote.py", "linux.load_seccomp(base64.b64decode(self.start[\"zygote_seccomp\"]))", "pass"}}},
		{"seccomp", nil, []edit{{"isolation.py", `self.add("seccomp", "seccomp", linux.SECCOMP_SET_MODE_FILTER, flags, program, want=0)`, "pass"}}},
		{"landlock", []string{"no-network"}, []edit{{"isolation.py", "self.add_landlock(unused + 1)", `self.add("landlock", "close", _RULESET)`}}},
		// The kernel counts RLIMIT_NPROC for a uid: other cells' processes leave a script fewer.
		{"own-uid", []string{"cgroup-pids"}, []edit{{"isolation.py", `uid = spawn["uid"]`, "uid = os.getuid() + 1"}}},
		{"resource-limits", nil, []edit{{"cell.py", "        _limit(spawn)\n", ""}}},
		{"no-foreign-descriptors", nil, []edit{{"isolation.py", "module.take_file(self.script)", "module.take_file(self.script); os.dup(2)"}}},
		{"randomness", nil, []edit{{"fresh.py", "loaded.seed(", "loaded.seed(7) if os.getpid() == 1 else ("}}},
		// The descriptors are of cpu, cpuacct, memory and pids.
		{"cgroup-memory", nil, []edit{{"isolation.py", `"write", fd, b"0", 1, want=1)`, `"write", fd, b"0" if fd != self.first + 2 else b"", 1, want=calls.WHATEVER)`}}},
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
			checks, err := doctor.SelfTest(t.Context(), jail)
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
			for _, check := range doctor.Missing(checks) {
				missing = append(missing, check.Layer)
				if check.Remedy == "" || check.Found == "" {
					t.Errorf("%+v says too little", check)
				}
			}
			want := append([]string{c.layer}, c.also...)
			if c.layer == "no-new-privileges" {
				want = append(want, "seccomp")
				if sharedHost(t).LandlockABI() > 0 {
					want = append(want, "landlock", "no-network")
				}
			}
			if !jail.UnixSockets() && (c.layer == "landlock" || c.layer == "no-new-privileges") {
				want = slices.DeleteFunc(want, func(layer string) bool { return layer == "no-network" })
			}
			slices.Sort(missing)
			slices.Sort(want)
			if !slices.Equal(missing, want) {
				t.Errorf("missing %v, want %v", missing, want)
			}
		})
	}
}
