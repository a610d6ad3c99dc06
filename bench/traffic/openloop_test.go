package traffic_test

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
)

func TestMain(m *testing.M) {
	traffic.UseGoTimers()
	os.Exit(m.Run())
}

func TestTheSameSeedGivesTheSameSchedule(t *testing.T) {
	one, two := traffic.Poisson(100, time.Minute, 7), traffic.Poisson(100, time.Minute, 7)
	if !slices.Equal(one, two) {
		t.Error("two schedules of one seed differ")
	}
	if slices.Equal(one, traffic.Poisson(100, time.Minute, 8)) {
		t.Error("two seeds gave the same schedule")
	}
	if traffic.Poisson(0, time.Minute, 7) != nil {
		t.Error("a rate of none has arrivals")
	}
}

// In a Poisson process gaps are exponential (their deviation equals their mean, and
// 1/e of them are longer), and the counts in equal intervals vary accordingly. The
// seed is fixed, so that the test always has the same result.
func TestAScheduleIsPoisson(t *testing.T) {
	const rate, end = 200.0, 100 * time.Second
	schedule := traffic.Poisson(rate, end, 1)
	if n := float64(len(schedule)); math.Abs(n-rate*end.Seconds()) > 3*math.Sqrt(rate*end.Seconds()) {
		t.Errorf("%v arrivals, %v expected", n, rate*end.Seconds())
	}
	if !slices.IsSorted(schedule) || schedule[0] <= 0 || schedule[len(schedule)-1] >= end {
		t.Error("it is not in order, or not within its time")
	}
	var sum, squares, longer float64
	perSecond := make([]float64, int(end.Seconds()))
	before := time.Duration(0)
	for _, at := range schedule {
		gap := (at - before).Seconds() * rate
		before = at
		sum, squares = sum+gap, squares+gap*gap
		if gap > 1 {
			longer++
		}
		perSecond[int(at.Seconds())]++
	}
	n := float64(len(schedule))
	mean := sum / n
	if deviation := math.Sqrt(squares/n - mean*mean); math.Abs(mean-1) > 0.02 || math.Abs(deviation-1) > 0.03 {
		t.Errorf("gaps: mean %.3f, deviation %.3f, both should be 1", mean, deviation)
	}
	if share := longer / n; math.Abs(share-1/math.E) > 0.01 {
		t.Errorf("%.3f of the gaps are longer than the mean, 1/e should be", share)
	}
	var spread float64
	for _, count := range perSecond {
		spread += (count - rate) * (count - rate) / float64(len(perSecond))
	}
	if ratio := spread / rate; ratio < 0.7 || ratio > 1.3 {
		t.Errorf("variance of the counts a second is %.2f of their mean, 1 expected", ratio)
	}
}

func TestASteadyScheduleHasEqualGaps(t *testing.T) {
	want := []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond, 750 * time.Millisecond}
	if got := traffic.Steady(4, time.Second); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func right(latency time.Duration) traffic.Sample {
	return traffic.Sample{Outcome: "ok", Right: true, Latency: latency}
}

// A service handles one request at a time, each in 100 ms, and gets one every 10 ms.
// The latency of users grows from one to the next, although each is answered quickly
// once it is its turn. The generator must see that.
func TestLatencyCountsFromTheScheduledTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turn := make(chan struct{}, 1)
		loop := traffic.OpenLoop{
			Schedule: traffic.Steady(100, 100*time.Millisecond), Cap: 100,
			Send: func(context.Context, int) traffic.Sample {
				began := time.Now()
				turn <- struct{}{}
				time.Sleep(100 * time.Millisecond)
				<-turn
				return right(time.Since(began))
			},
		}
		load := loop.Run(t.Context())
		// The last of ten is sent at 90 ms and answered at 1 s.
		if longest := load.Latency.Quantile(1); longest.Round(time.Millisecond) != 910*time.Millisecond {
			t.Errorf("the longest is %v, want 910ms", longest)
		}
		if load.Outcomes["ok"] != 10 || load.PeakOpen != 10 || load.Capped != 0 || load.Seconds != 1 {
			t.Errorf("%+v", load)
		}
	})
}

func TestRequestsOverTheCapAreCountedAndNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := make(chan int, 10)
		load := traffic.OpenLoop{Schedule: traffic.Steady(100, 100*time.Millisecond), Cap: 3, Send: func(_ context.Context, i int) traffic.Sample {
			sent <- i
			time.Sleep(time.Second)
			return right(time.Second)
		}}.Run(t.Context())
		if load.Capped != 7 || load.PeakOpen != 3 || len(sent) != 3 {
			t.Errorf("%d capped, %d outstanding at most, %d sent", load.Capped, load.PeakOpen, len(sent))
		}
	})
}

func TestKindsAreCountedOfTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kinds := []*traffic.Tally{traffic.NewTally(), traffic.NewTally()}
		all := traffic.OpenLoop{
			Schedule: traffic.Steady(100, 100*time.Millisecond), Cap: 100, Kind: func(i int) *traffic.Tally { return kinds[i/7] },
			Send: func(_ context.Context, i int) traffic.Sample {
				time.Sleep(15 * time.Millisecond)
				return right(15 * time.Millisecond)
			},
		}.Run(t.Context())
		if all.Latency.Count() != 10 || kinds[0].Latency.Count() != 7 || kinds[1].Latency.Count() != 3 || kinds[1].PeakOpen != 2 {
			t.Errorf("%+v of kinds %+v and %+v", all, kinds[0], kinds[1])
		}
	})
}

func TestAnOpenLoopEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Millisecond)
		defer cancel()
		load := traffic.OpenLoop{Schedule: traffic.Steady(100, time.Hour), Cap: 1000, Send: func(context.Context, int) traffic.Sample {
			return right(time.Millisecond)
		}}.Run(ctx)
		if n := load.Latency.Count(); n != 5 {
			t.Errorf("%d were sent, want those at 0, 10, 20, 30, 40 ms", n)
		}
	})
}

func TestAClosedLoopKeepsItsWorkersBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := traffic.ClosedLoop(t.Context(), 4, time.Second, func(context.Context) traffic.Sample {
			time.Sleep(100 * time.Millisecond)
			return right(100 * time.Millisecond)
		})
		if load.Latency.Count() != 40 || load.PeakOpen != 4 || load.Rate() != 40 {
			t.Errorf("%d answers, %d outstanding at most, %v/s", load.Latency.Count(), load.PeakOpen, load.Rate())
		}
	})
}

func TestRefusalsAreNoLatencies(t *testing.T) {
	load := traffic.OpenLoop{Schedule: make([]time.Duration, 3), Cap: 3, Send: func(context.Context, int) traffic.Sample {
		return traffic.Sample{Outcome: "refused: saturated", Latency: time.Millisecond}
	}}.Run(t.Context())
	if load.Latency.Count() != 0 || load.Outcomes["refused: saturated"] != 3 {
		t.Errorf("%+v", load)
	}
}
