package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// One binary and one directory serve all tests.
var binary, workDir string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	// What an instance leaves that is killed becomes a child of this process,
	// where the end can be seen.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Println(err)
		return 1
	}
	var err error
	if workDir, err = os.MkdirTemp("", "hotcell-faults-"); err == nil {
		err = os.Chmod(workDir, 0o755)
	}
	if err == nil {
		err = build()
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(workDir)
	code := m.Run()
	fmt.Print(table())
	return code
}

// build builds hotcell as this test was built: with the race detector or not.
func build() error {
	binary = filepath.Join(workDir, "hotcell")
	args := []string{"build", "-o", binary}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "-race" && setting.Value == "true" {
				args = append(args, "-race")
			}
		}
	}
	out, err := exec.Command("go", append(args, "../cmd/hotcell")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// orphans are processes that outlived their instance. Those that end are reaped
// here; the rest have a moment to do so.
func orphans() string {
	var left []string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		left = left[:0]
		for _, child := range processes() {
			if child.parent != os.Getpid() || child.name != "nsjail" && !strings.HasPrefix(child.name, "python") {
				continue
			}
			if reaped, _ := unix.Wait4(child.pid, nil, unix.WNOHANG, nil); reaped != child.pid {
				left = append(left, fmt.Sprint(child.name, " ", child.pid))
			}
		}
		if len(left) == 0 {
			return ""
		}
	}
	return strings.Join(left, ", ")
}
