package machine

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestATreeCountsProcessesThatHaveEnded(t *testing.T) {
	before, err := Tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	// The inner shell is waited for by the outer one, and is not a child of this process.
	command := exec.Command("sh", "-c", `sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; exit 0`)
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	after, err := Tree(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	used := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	const rounding = 4 * tick // each of four times loses less than one
	if used < 2*rounding || after-before < used-rounding {
		t.Errorf("the shells used %v, the tree counts %v", used, after-before)
	}
}

func TestATreeCountsDescendantsThatRun(t *testing.T) {
	command := exec.Command("sh", "-c", `sh -c 'while :; do :; done' & wait`)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // fails only if they have ended
		_ = command.Wait()                                      // killed
	}()
	testkit.Eventually(t, "the inner shell's processor time is counted", func() bool {
		used, err := Tree(command.Process.Pid)
		return err == nil && used > 10*tick
	}, nil)
}

// So is what no parent waits for.
func TestTheMachineIsBusyWithOthersAlone(t *testing.T) {
	before, err := Busy()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", `i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done`)
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	after, err := Busy()
	if err != nil {
		t.Fatal(err)
	}
	used := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if used < 8*tick || after-before < used/2 { // the kernel counts it at the clock's ticks
		t.Errorf("the shell used %v, others %v", used, after-before)
	}
}

func TestAProcessThatIsGoneHasNoTree(t *testing.T) {
	command := exec.Command("true")
	if err := command.Run(); err != nil {
		t.Fatal(err)
	}
	if used, err := Tree(command.Process.Pid); err == nil {
		t.Errorf("%v of a process that has ended", used)
	}
}

func TestANameMayHaveParentheses(t *testing.T) {
	pid, parent, ticks, err := parseStat([]byte("12 (a) R 9 (b)) S 7 12 12 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 5 6 7\n"))
	if pid != 12 || parent != 7 || ticks != 127 || err != nil {
		t.Errorf("process %d, parent %d, %d ticks: %v", pid, parent, ticks, err)
	}
	for _, wrong := range []string{"", "12 a R 1", "12 (a) R 1", "x (a) S 7 12 12 0 -1 4194560 1 2 3 4 100 20 3 4"} {
		if _, _, _, err := parseStat([]byte(wrong)); err == nil {
			t.Errorf("%q is taken for a stat", wrong)
		}
	}
}
