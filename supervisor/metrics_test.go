package supervisor

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestBucketsReachTheLongestTimeThereCanBe(t *testing.T) {
	for _, longest := range []time.Duration{time.Millisecond, 10 * time.Second, time.Minute, 24 * time.Hour} {
		bounds := buckets(10*time.Microsecond, longest)
		if last := bounds[len(bounds)-1]; last != longest.Seconds() || !slices.IsSorted(bounds) || len(slices.Compact(bounds)) != len(bounds) {
			t.Errorf("%v: %v", longest, bounds)
		}
		for i := 1; i < len(bounds); i++ {
			if bounds[i] > 3.001*bounds[i-1] {
				t.Errorf("%v: from %v to %v", longest, bounds[i-1], bounds[i])
			}
		}
	}
}

// A request may end after its key was revoked.
func TestSeriesOfARevokedKeyDoNotComeBack(t *testing.T) {
	k := &keyring{requests: newKeyRequests()}
	stays, goes := &Key{Name: "stays"}, &Key{Name: "goes"}
	k.current.Store(&keySet{keys: []*Key{stays, goes}})
	k.observe(stays, 200)
	k.observe(goes, 200)
	if n := series(k.requests); n != 2 {
		t.Fatalf("%d series", n)
	}
	k.current.Store(&keySet{keys: []*Key{stays}})
	k.forget([]*Key{stays, goes}, []*Key{stays})
	k.observe(goes, 401)
	k.observe(stays, 200)
	if n := series(k.requests); n != 1 {
		t.Errorf("%d series, want those of the key that stays", n)
	}
}

func series(c prometheus.Collector) (n int) {
	out := make(chan prometheus.Metric)
	go func() {
		defer close(out)
		c.Collect(out)
	}()
	for range out {
		n++
	}
	return n
}
