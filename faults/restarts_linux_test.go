package faults_test

import (
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// Requests that run when hotcell is killed are cut off. Requests that come before the
// next instance listens fail to connect; both count as cut off. The next instance has
// the same address and state directory, and removes what is left.
func TestHotcellMayBeKilledAndStartedAgain(t *testing.T) {
	state, address := newState(t), testkit.OwnAddress()
	first := start(t, nil, state, address)
	l := newLoad(first.url, allowed{})
	l.start(t)
	first.eventually("the load runs", func() bool { return l.soFar().requests >= 20 })

	groups := testkit.Cgroups(state)
	l.outage.Store(true)
	first.Signal(syscall.SIGKILL)
	<-first.Done
	began := time.Now()
	second := start(t, nil, state, address)
	took := second.recovers(l, began)
	l.outage.Store(false)
	for _, group := range groups {
		if !gone(group) {
			t.Errorf("%s is left of the first", group)
		}
	}
	if left := orphans(); left != "" {
		t.Errorf("left of the first: %s", left)
	}
	after := l.soFar().requests
	second.eventually("the load goes on", func() bool { return l.soFar().requests >= after+20 })
	l.stop()
	l.report(t, "kill -9 of hotcell, and a new start", took)
	second.settled()
	second.mustEndCleanly()
}

var logged = regexp.MustCompile(`msg=request .*path=/execute http=(\d+)`)

// On SIGTERM, running requests are answered, new ones are refused until nothing
// listens any more, and every answer that hotcell has written arrives.
func TestSIGTERMUnderLoadLosesNothing(t *testing.T) {
	p := start(t, nil, newState(t), testkit.OwnAddress())
	l := newLoad(p.url, allowed{refusals: []string{"draining"}})
	l.start(t)
	p.eventually("the load runs", func() bool { return l.soFar().requests >= 40 })
	l.outage.Store(true)
	told := time.Now()
	p.mustEndCleanly()
	took := time.Since(told)
	l.stop()

	written := make(map[string]int)
	for _, match := range logged.FindAllStringSubmatch(p.Log.String(), -1) {
		written[match[1]]++
	}
	arrived := l.soFar()
	if written["200"]+written["400"] != arrived.answered || written["503"] != arrived.refused {
		t.Errorf("written, by status: %v; arrived: %d answered, %d refused", written, arrived.answered, arrived.refused)
	}
	l.report(t, "SIGTERM (ended after)", took)
}
