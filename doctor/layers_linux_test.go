package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func TestAllowMissingKnowsItsLayers(t *testing.T) {
	if err := CheckNames([]string{"cgroup-cpu", "nosuch"}); err == nil || !strings.Contains(err.Error(), `"nosuch"`) || !strings.Contains(err.Error(), "cgroup-pids") {
		t.Errorf("%v", err)
	}
	if err := CheckNames(Layers()); err != nil {
		t.Error(err)
	}
}

// Layers without which there is no jail, or whose lack no jail can bring about, are tried
// with what a probe would have found. The others are tried by removing them.
func TestEvidenceThatALayerIsMissingIsSeen(t *testing.T) {
	namespaces := make(map[string]string)
	for _, kind := range []string{"user", "mnt"} {
		namespaces[kind], _ = os.Readlink("/proc/self/ns/" + kind)
	}
	none := time.Duration(0)
	e := &evidence{zygotePID: os.Getpid(), one: seen{namespaces: namespaces}, verdicts: map[string]nsjail.Verdict{
		"memory": {Status: protocol.StatusOK}, "wall": {Status: protocol.StatusOK}, "processes": {Result: []byte("8")}, "disk": {Result: []byte("null")},
		"cpu": {Usage: nsjail.Usage{CPU: &none, Wall: time.Second}},
	}}
	for name, found := range map[string]string{
		"user-namespace": "the cell is in hotcell's own user:", "mount-namespace": "the cell is in hotcell's own mnt:", "single-threaded-zygote": "threads",
		"cgroup-memory": "ends with status ok", "cgroup-pids": "started 8", "cgroup-cpu": "used 0.0 processors", "disk-limit": "gave errno null", "wall-limit": "ends with status ok",
	} {
		for _, l := range layers {
			if l.name != name {
				continue
			}
			if _, err := l.look(e); err == nil || !strings.Contains(err.Error(), found) || l.remedy == "" {
				t.Errorf("%s: %v (%s)", name, err, l.remedy)
			}
		}
	}
}

func TestDistributionsThatBarUserNamespacesAreNamed(t *testing.T) {
	for _, c := range []struct {
		name, file, value string
		euid              int
		barred            bool
	}{
		{"unprivileged-namespaces", "unprivileged_userns_clone", "0", 1000, true},
		{"unprivileged-namespaces", "apparmor_restrict_unprivileged_userns", "1", 1000, true},
		{"unprivileged-namespaces", "apparmor_restrict_unprivileged_userns", "0", 1000, false},
		{"unprivileged-namespaces", "unprivileged_userns_clone", "0", 0, false},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "kernel"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "kernel", c.file), []byte(c.value+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := examineRestrictions(dir, c.euid); (err != nil) != c.barred || err != nil && !strings.Contains(err.Error(), "kernel."+c.file+" is "+c.value) {
			t.Errorf("%s: %+v: %v", c.name, c, err)
		}
	}
}
