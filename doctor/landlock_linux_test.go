package doctor_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const noLandlock = "HOTCELL_TEST_NO_LANDLOCK"

// The test runs itself again behind a seccomp filter that answers like a kernel
// without landlock_create_ruleset(2).
func TestAKernelWithoutLandlockIsToldAndNotRefused(t *testing.T) {
	testkit.NeedsJails(t)
	if os.Getenv(noLandlock) == "" {
		const launcher = `
import ctypes, os, struct, sys
op = lambda code, jt, jf, k: struct.pack("HBBI", code, jt, jf, k)
program = op(0x20, 0, 0, 0) + op(0x15, 0, 1, 444) + op(0x06, 0, 0, 0x50000 | 38) + op(0x06, 0, 0, 0x7fff0000)
libc = ctypes.CDLL(None)
class Prog(ctypes.Structure): _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
prog = Prog(4, program)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(prog), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])`
		again := exec.Command("/usr/bin/python3", "-c", launcher, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
		again.Env = append(os.Environ(), noLandlock+"=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	if abi := sharedHost(t).LandlockABI(); abi != 0 {
		t.Fatalf("ABI %d", abi)
	}
	ofMachine := doctor.Examine(t.Context(), nsjail.HostConfig{}, nsjail.Profile{Python: "/nosuch"})
	if !slices.ContainsFunc(ofMachine, func(c doctor.Check) bool {
		return c.Layer == "kernel-landlock" && !c.Held && c.Optional && c.Remedy != ""
	}) {
		t.Errorf("%+v", ofMachine)
	}
	checks, err := doctor.SelfTest(t.Context(), theJail(t, protocol.ModeFork))
	if err != nil {
		t.Fatal(err)
	}
	if missing := doctor.Missing(checks); len(missing) != 0 {
		t.Errorf("missing: %+v", missing)
	}
	told := false
	for _, check := range checks {
		told = told || check.Layer == "landlock" && !check.Held && check.Optional && check.Found != "" && check.Remedy != ""
	}
	if !told {
		t.Errorf("%+v", checks)
	}
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		var answer int
		if got := execute(t, mode, nsjail.Job{Script: "def main(): return 42"}); json.Unmarshal(got.Result, &answer) != nil || answer != 42 {
			t.Errorf("%+v", got)
		}
	})
}
