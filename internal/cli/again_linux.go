package cli

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerSlack is how much later than it asked a thread of this process may be woken by a
// timer: it is then often woken together with another. Go's monitor thread, which looks
// every 20 µs for threads that wait in system calls while any goroutine runs, took a fifth
// of a busy service's processor time with the kernel's own 50 µs (docs/performance.md).
const timerSlack = time.Millisecond

// ExecuteAgain gives this process timerSlack, calls change, which may be nil, and
// executes the program again if something has changed: only that reaches every thread of a
// Go program, whether it is linked with C or not. It returns when nothing was changed.
// change returns whether it has changed this thread, on which it is called. A program that may
// have a parent-death signal (PR_SET_PDEATHSIG) calls it on its first thread: the kernel keeps
// the signal for each thread, and executed by another one, the process loses it.
func ExecuteAgain(change func() (bool, error)) error {
	runtime.LockOSThread() // the thread that changed must be the one that executes
	defer runtime.UnlockOSThread()
	slackened := slackenTimers()
	changed := false
	if change != nil {
		var err error
		if changed, err = change(); err != nil {
			return err
		}
	}
	if !slackened && !changed {
		return nil
	}
	self, err := os.Executable()
	if err == nil {
		err = syscall.Exec(self, os.Args, os.Environ()) // #nosec G702 -- ourselves, as we were started
	}
	if !changed { // the service is as good without timerSlack, and slower
		return nil
	}
	return fmt.Errorf("start again: %w", err)
}

// slackenTimers gives this thread timerSlack. It returns false if it had that, or cannot
// have it: for a thread with a real-time policy the kernel answers that it has set it, and
// has not (since Linux 6.13). Such a program would execute itself for ever.
func slackenTimers() bool {
	if timersAreSlack() || unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(timerSlack), 0, 0, 0) != nil {
		return false
	}
	return timersAreSlack()
}

// timersAreSlack reports whether this thread has timerSlack.
func timersAreSlack() bool {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	return err == nil && time.Duration(slack) >= timerSlack
}
