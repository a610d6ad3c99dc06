package pool_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/hotcell/hotcell/pool"
)

// second returns the demand of one second: claims that were served, and those that
// waited.
func second(claims, lacking uint64, makeTime time.Duration) pool.Demand {
	return pool.Demand{Elapsed: time.Second, Claims: claims, Lacking: lacking, MakeTime: makeTime}
}

// after feeds the demand that many times, and returns the reasons for changes.
func after(s pool.Scaler, times int, seen pool.Demand) (pool.Scaler, []pool.Reason) {
	var reasons []pool.Reason
	for range times {
		var why pool.Reason
		if s, why = s.Next(seen); why != "" {
			reasons = append(reasons, why)
		}
	}
	return s, reasons
}

func TestTheTargetIsTwiceWhatIsReplacedAtASteadyRate(t *testing.T) {
	s := pool.Scaler{Min: 2, Max: 100, Target: 2, ShrinkAfter: time.Minute}
	s, reasons := after(s, 120, second(50, 0, 200*time.Millisecond))
	if s.Target != 20 {
		t.Errorf("50 a second that take 0.2 s each: target %d, want 20", s.Target)
	}
	if slices.ContainsFunc(reasons, func(r pool.Reason) bool { return r != pool.ReasonDemand }) || len(reasons) == 0 {
		t.Errorf("reasons %q", reasons)
	}
}

func TestEachWaitingClaimCountsAsAMissingCell(t *testing.T) {
	s := pool.Scaler{Min: 8, Max: 100, Target: 8, ShrinkAfter: time.Minute}
	s, why := s.Next(second(11, 3, time.Millisecond))
	if s.Target != 11 || why != pool.ReasonMisses {
		t.Errorf("target %d (%s), want 11 for misses", s.Target, why)
	}
	if s, _ = s.Next(second(500, 400, time.Millisecond)); s.Target != 22 {
		t.Errorf("target %d, want 22: it doubles at most", s.Target)
	}
	if s, _ = after(s, 5, second(500, 400, time.Millisecond)); s.Target != 100 {
		t.Errorf("target %d, want the maximum", s.Target)
	}
}

func TestAnOnDemandPoolGrowsToOneWhenAClaimWaited(t *testing.T) {
	s, why := pool.Scaler{Max: 4}.Next(second(1, 1, time.Millisecond))
	if s.Target != 1 || why != pool.ReasonMisses {
		t.Errorf("target %d (%s)", s.Target, why)
	}
}

func TestItShrinksByAQuarterAfterEachIdlePeriodDownToTheMinimum(t *testing.T) {
	s := pool.Scaler{Min: 8, Max: 32, Target: 32, ShrinkAfter: time.Minute}
	for _, want := range []int{24, 18, 13, 9, 8, 8} {
		before := s.Target
		var reasons []pool.Reason
		if s, reasons = after(s, 59, second(0, 0, time.Millisecond)); s.Target != before || len(reasons) > 0 {
			t.Errorf("after 59 s it went from %d to %d", before, s.Target)
		}
		if s, _ = s.Next(second(0, 0, time.Millisecond)); s.Target != want {
			t.Errorf("after a minute it went from %d to %d, want %d", before, s.Target, want)
		}
	}
}

func TestItDoesNotShrinkBelowWhatWasNeededMeanwhile(t *testing.T) {
	s := pool.Scaler{Max: 100, Target: 30, ShrinkAfter: 30 * time.Second}
	s, _ = after(s, 300, second(130, 0, 100*time.Millisecond)) // needs 26
	if s.Target != 26 {
		t.Errorf("target %d, want 26", s.Target)
	}
}

func TestAMissRestartsTheIdlePeriod(t *testing.T) {
	s := pool.Scaler{Min: 1, Max: 10, Target: 10, ShrinkAfter: time.Minute}
	for range 10 {
		s, _ = after(s, 59, second(0, 0, 0))
		s, _ = s.Next(second(1, 1, 0))
	}
	if s.Target != 10 {
		t.Errorf("target %d", s.Target)
	}
}

func TestItDoesNotGrowWhileNothingCanBeMade(t *testing.T) {
	s := pool.Scaler{Min: 2, Max: 10, Target: 4, ShrinkAfter: time.Minute}
	if s, reasons := after(s, 300, pool.Demand{Elapsed: time.Second, Lacking: 50, MakeTime: time.Minute, Failing: true}); s.Target != 4 || reasons != nil {
		t.Errorf("target %d (%q), want 4", s.Target, reasons)
	}
}

// Whatever the demand, the target stays within its bounds, changes only for a reason
// that fits, is the same for the same demand, and returns to the minimum when there
// is none.
func TestTheScalerHoldsItsBoundsWhateverIsAsked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(0, 20).Draw(t, "Min")
		s := pool.Scaler{
			Min: least, Max: least + rapid.IntRange(0, 50).Draw(t, "room"),
			ShrinkAfter: time.Duration(rapid.IntRange(0, 100).Draw(t, "ShrinkAfter")) * time.Second,
		}
		s.Target = rapid.IntRange(s.Min, s.Max).Draw(t, "Target")
		step := func(seen pool.Demand) {
			next, why := s.Next(seen)
			if again, reason := s.Next(seen); again != next || reason != why {
				t.Fatalf("%+v and then %+v", next, again)
			}
			grew, shrank := next.Target > s.Target, next.Target < s.Target
			fits := map[pool.Reason]bool{
				"": !grew && !shrank, pool.ReasonIdle: shrank, pool.ReasonDemand: grew && seen.MakeTime > 0, pool.ReasonMisses: grew && seen.Lacking > 0,
			}
			switch {
			case next.Target < s.Min || next.Target > s.Max:
				t.Fatalf("target %d, bounds %d and %d", next.Target, s.Min, s.Max)
			case !fits[why]:
				t.Fatalf("from %d to %d because of %q, having seen %+v", s.Target, next.Target, why, seen)
			case seen.Failing && grew:
				t.Fatalf("it grew while nothing can be made")
			case shrank && next.Target < s.Target-(s.Target+3)/4:
				t.Fatalf("from %d to %d at once", s.Target, next.Target)
			}
			s = next
		}
		for range rapid.IntRange(0, 100).Draw(t, "looks") {
			step(pool.Demand{
				Elapsed: time.Duration(rapid.Int64Range(0, 1e11).Draw(t, "Elapsed")),
				Claims:  rapid.Uint64().Draw(t, "Claims"), Lacking: rapid.SampledFrom([]uint64{0, 0, 1, 7, 1 << 63}).Draw(t, "Lacking"),
				MakeTime: time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "MakeTime")), Failing: rapid.Bool().Draw(t, "Failing"),
			})
		}
		for range 10_000 {
			step(pool.Demand{Elapsed: 10 * time.Second, MakeTime: time.Second})
		}
		if s.Target != s.Min {
			t.Fatalf("in the end %d, want %d", s.Target, s.Min)
		}
	})
}

// A pool in a bubble. Claims come first in a burst, then steadily, then no more.
func TestAPoolGrowsWithDemandAndShrinksWithoutIt(t *testing.T) {
	slow := func(w *works, c *pool.Config[*cell]) { w.takes = 490 * time.Millisecond }
	inBubble(t, 2, slow, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		ctx, stop := context.WithCancel(t.Context())
		var changes []string
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.Autoscale(ctx, pool.Scaler{Min: 2, Max: 9, ShrinkAfter: 10 * time.Second}, time.Second,
				func(target int, why pool.Reason) { changes = append(changes, fmt.Sprint(target, " ", why)) })
		}()
		defer func() { stop(); <-ended }()

		var held []*pool.Lease[*cell]
		for range 5 { // two are ready, and one more by the time the others have waited
			held = append(held, claim(t, p))
		}
		time.Sleep(10 * time.Second)
		if s := p.Stats(); s.Target != 4 || s.Ready != 4 {
			t.Errorf("after two misses: %+v", s)
		}
		for _, l := range held {
			l.Release()
		}
		for range 200 { // eight per second, two made at a time in half a second each: more than can be made
			time.Sleep(125 * time.Millisecond)
			claim(t, p).Release()
		}
		if s := p.Stats(); s.Target != 9 {
			t.Errorf("under load: %+v", s)
		}
		time.Sleep(5 * time.Minute)
		if s := p.Stats(); s.Target != 2 || s.Ready != 2 || s.Made != s.Hits+s.Misses+s.Surplus+2 {
			t.Errorf("in the end: %+v", s)
		}
		if first, last := changes[0], changes[len(changes)-1]; last != "2 idle" || first[2:] != "misses" {
			t.Errorf("%q", changes)
		}
	})
}

func TestAutoscalingEndsWithItsContext(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		ctx, stop := context.WithCancel(t.Context())
		stop()
		p.Autoscale(ctx, pool.Scaler{Max: 1}, time.Second, nil)
		synctest.Wait()
		expect(t, p, 3, 0, 0, 0)
	})
}
