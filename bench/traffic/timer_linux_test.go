package traffic

import (
	"context"
	"testing"
	"time"
)

// The kernel's timer behaves as Sleep does.
func TestATimerOfTheKernelWaitsOrEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sleep, end := kernelTimer(ctx)
	defer end()
	for range 3 {
		if began := time.Now(); !sleep(2*time.Millisecond) || time.Since(began) < 2*time.Millisecond {
			t.Errorf("it slept for %v", time.Since(began))
		}
	}
	if !sleep(-time.Second) {
		t.Error("a time that has passed is waited for")
	}
	time.AfterFunc(time.Millisecond, cancel)
	if sleep(time.Hour) || sleep(0) {
		t.Error("it does not end with its context")
	}
}
