package landlock_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/landlock"
)

func TestAPolicyAsksForNothingThatItsABIDoesNotKnow(t *testing.T) {
	// The last rights of each version, landlock(7).
	for _, c := range []struct {
		abi             int
		fs, net, scoped uint64
		logs            bool
	}{
		{2, 1<<14 - 1, 0, 0, false}, {3, 1<<15 - 1, 0, 0, false}, {4, 1<<15 - 1, 3, 0, false},
		{5, 1<<16 - 1, 3, 0, false}, {6, 1<<16 - 1, 3, 3, false}, {7, 1<<16 - 1, 3, 3, true}, {99, 1<<16 - 1, 3, 3, true},
	} {
		policy := landlock.Policy(c.abi, []string{"/usr/lib", "/usr/bin", "/env", "/etc/ld.so.cache"})
		if policy.FS != c.fs || policy.Net != c.net || policy.Scoped != c.scoped || (policy.Flags != 0) != c.logs {
			t.Errorf("ABI %d: %+v", c.abi, policy)
		}
		for _, rule := range policy.Rules {
			if rule.Rights == 0 || rule.Rights&^policy.FS != 0 {
				t.Errorf("ABI %d: %+v", c.abi, rule)
			}
		}
		if policy.Disk&^policy.FS != 0 || policy.Disk&(unix.LANDLOCK_ACCESS_FS_EXECUTE|unix.LANDLOCK_ACCESS_FS_MAKE_CHAR|unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK) != 0 {
			t.Errorf("ABI %d: %#x on the disk", c.abi, policy.Disk)
		}
	}
	for _, abi := range []int{0, 1} {
		if policy := landlock.Policy(abi, nil); policy != nil {
			t.Errorf("ABI %d: %+v", abi, policy)
		}
	}
}

func TestAPolicyHasOneRuleForEachDirectoryOfTheJail(t *testing.T) {
	policy := landlock.Policy(7, []string{"/usr/lib", "/usr/bin", "/usr/local/lib", "/env", "/etc/ld.so.cache", "/opt/python"})
	want := []string{"/", "/env", "/etc", "/opt/python", "/usr", "/dev", "/dev/null", "/dev/zero", "/dev/full"}
	if len(policy.Rules) != len(want) {
		t.Fatalf("%+v", policy.Rules)
	}
	for i, rule := range policy.Rules {
		if rule.Path != want[i] {
			t.Errorf("rule %d is for %s, not %s", i, rule.Path, want[i])
		}
		if rule.Path == "/" && rule.Rights != unix.LANDLOCK_ACCESS_FS_READ_DIR {
			t.Errorf("%#x below /", rule.Rights)
		}
	}
}
