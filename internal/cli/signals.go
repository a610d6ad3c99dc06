package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Signals returns a context that ends with the first SIGTERM or SIGINT, and one
// that ends with the second. After them, SIGINT has its default effect, for whoever
// presses Ctrl-C again, and SIGTERM has none: when a parent with threads dies, the kernel
// sends its parent-death signal (PR_SET_PDEATHSIG) several times, and the program must
// still leave nothing behind.
func Signals() (first, second context.Context) {
	first, cancelFirst := context.WithCancel(context.Background())
	second, cancelSecond := context.WithCancel(context.Background())
	incoming := make(chan os.Signal, 1)
	signal.Notify(incoming, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-incoming
		cancelFirst()
		<-incoming
		cancelSecond()
		signal.Reset(syscall.SIGINT)
	}()
	return first, second
}

// surviveBrokenPipes keeps SIGPIPE from ending the program and so from leaving
// cgroups behind: a write to a pipe without a reader then fails with EPIPE. The
// signal is not ignored, because children would inherit that: see execve(2).
func surviveBrokenPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }
