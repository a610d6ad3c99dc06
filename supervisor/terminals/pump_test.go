package terminals

import "testing"

// A client that takes its output slowly is not pinged. One that hangs is, although
// its kernel answers for it.
func TestASlowReaderOfATerminalIsNotPinged(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after uint64
		reads         bool
	}{
		{"it takes output slowly", 100, 100 + 30*256, true},
		{"it takes nothing but a ping", 100, 110, false},
		{"it takes nothing", 100, 100, false},
		{"the connection is closed", 100_000, 0, false},
	} {
		if isReading(c.before, c.after) != c.reads {
			t.Errorf("%s: that it reads is not %v", c.name, c.reads)
		}
	}
}
