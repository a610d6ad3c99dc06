package faults_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// Requests without pauses for ten seconds, while generations of jails replace each
// other. HOTCELL_SOAK=30m makes it half an hour.
func TestSoak(t *testing.T) {
	long := 10 * time.Second
	if text := os.Getenv("HOTCELL_SOAK"); text != "" {
		var err error
		if long, err = time.ParseDuration(text); err != nil {
			t.Fatalf("HOTCELL_SOAK: %v", err)
		}
	}
	p := start(t, nil, newState(t), testkit.OwnAddress(), "--zygote-max-cells", "60")
	warm := newLoad(p.url, allowed{})
	warm.hurry = true
	warm.start(t)
	p.eventually("it is warm", func() bool { return warm.soFar().requests >= 60 })
	warm.stop()
	warm.mustBeClean(t)
	before, memory := p.settled(), p.figures()[residentBytes]

	l := newLoad(p.url, allowed{})
	l.hurry = true
	began := time.Now()
	l.start(t)
	for tally := l.soFar(); time.Since(began) < long && tally.lost+tally.wrong == 0; tally = l.soFar() {
		time.Sleep(50 * time.Millisecond)
	}
	l.stop()
	took := time.Since(began)
	l.report(t, fmt.Sprintf("soak: %v as fast as it goes", long), 0)
	p.mustSettleAt(before)
	after := p.figures()
	t.Logf("%d requests in %v, %.0f/s, by %v generations; memory of hotcell before %.0f MiB, after %.0f MiB",
		l.tally.requests, took.Round(time.Second), float64(l.tally.requests)/took.Seconds(), after[generation], memory/(1<<20), after[residentBytes]/(1<<20))
	if after[generation] < 3 {
		t.Errorf("there were %v generations", after[generation])
	}
	// Go keeps some memory that it may need again; a leak in each request would be
	// more.
	if grown := after[residentBytes] - memory; grown > 64<<20 {
		t.Errorf("its memory has grown by %.0f MiB", grown/(1<<20))
	}
	p.mustEndCleanly()
}

const residentBytes = "process_resident_memory_bytes"
