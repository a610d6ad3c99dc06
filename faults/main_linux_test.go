package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
)

// One binary and one directory serve all tests.
var binary, workDir string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if err := ownMounts(); err != nil {
		fmt.Println(err)
		return 1
	}
	// The processes that a killed instance leaves become children of this process,
	// which can see them end.
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

// ownMounts starts this program again in a mount namespace of its own. What a test
// mounts goes with the last process, even if the test crashes.
func ownMounts() error {
	const done = "HOTCELL_TEST_OWN_MOUNTS"
	if os.Geteuid() != 0 || os.Getenv(done) != "" {
		return nil
	}
	runtime.LockOSThread() // the thread with the new namespace must be the one that executes
	defer runtime.UnlockOSThread()
	err := unix.Unshare(unix.CLONE_NEWNS)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	}
	if err == nil {
		err = syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), done+"=1"))
	}
	return fmt.Errorf("a mount namespace for the tests: %w", err)
}

// build builds hotcell like this test: with or without the race detector.
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

// orphans returns the processes that outlived their instance. It reaps those that
// have ended, and gives the others a moment to end.
func orphans() string {
	var left []string
	for end := time.Now().Add(testkit.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		left = left[:0]
		for _, child := range testkit.Processes() {
			if child.Parent != os.Getpid() || child.Name != "nsjail" && !strings.HasPrefix(child.Name, "python") {
				continue
			}
			if reaped, _ := unix.Wait4(child.PID, nil, unix.WNOHANG, nil); reaped != child.PID {
				left = append(left, fmt.Sprint(child.Name, " ", child.PID))
			}
		}
		if len(left) == 0 {
			return ""
		}
	}
	return strings.Join(left, ", ")
}
