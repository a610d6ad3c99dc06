package traffic

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	newTimer = kernelTimer
}

// kernelTimer waits by a timerfd. Go's own timers are up to a millisecond late: the runtime
// waits for events and timers with epoll_wait(2), which counts in milliseconds.
func kernelTimer(ctx context.Context) (sleep func(time.Duration) bool, end func()) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return goTimer(ctx)
	}
	timer := os.NewFile(uintptr(fd), "timer")
	stop := context.AfterFunc(ctx, func() { _ = timer.SetReadDeadline(time.Unix(1, 0)) }) // wakes sleep
	sleep = func(d time.Duration) bool {
		if d <= 0 {
			return ctx.Err() == nil
		}
		at := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
		if unix.TimerfdSettime(fd, 0, &at, nil) != nil {
			return Sleep(ctx, d)
		}
		_, err := timer.Read(make([]byte, 8)) // how often it has expired
		return err == nil && ctx.Err() == nil
	}
	return sleep, func() { stop(); _ = timer.Close() }
}
