package testkit

import (
	"testing"
	"time"
)

// Patience is how long [Eventually] waits for something that is usually fast, on
// machines that may be busy.
const Patience = time.Minute

// Eventually waits until the condition holds, and fails the test if it does not
// within [Patience]. tell, unless it is nil, returns details for the message.
func Eventually(t testing.TB, what string, holds func() bool, tell func() string) {
	t.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	known := ""
	if tell != nil {
		known = "\n" + tell()
	}
	t.Fatalf("not within %v: %s%s", Patience, what, known)
}
