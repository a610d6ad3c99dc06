package traffic

import (
	"fmt"
	"testing"
	"time"
)

func TestServerTimingIsReadAsItWasWritten(t *testing.T) {
	for us := range 5000 {
		want := time.Duration(us) * time.Microsecond
		header := fmt.Sprintf("queue;dur=%v, run;dur=%v", 1, float64(us)/1000)
		if got := serverTiming([]string{header, "parse;dur=0.5"}); got["run"] != want || got["queue"] != time.Millisecond || got["parse"] != 500*time.Microsecond {
			t.Fatalf("%s is read as %v", header, got)
		}
	}
}
