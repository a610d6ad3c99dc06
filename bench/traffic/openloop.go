package traffic

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// Poisson returns when requests of independent users arrive: rate a second on
// average until end, with exponential gaps. The same seed gives the same schedule.
func Poisson(rate float64, end time.Duration, seed uint64) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 1)) // #nosec G404 -- a schedule that can be repeated
	var schedule []time.Duration
	if rate <= 0 {
		return nil
	}
	for at := 0.0; ; {
		at += random.ExpFloat64() / rate
		if at >= end.Seconds() {
			return schedule
		}
		schedule = append(schedule, time.Duration(at*float64(time.Second)))
	}
}

// Steady returns a schedule with equal gaps.
func Steady(rate float64, end time.Duration) []time.Duration {
	var schedule []time.Duration
	for i := 0; float64(i)/rate < end.Seconds(); i++ {
		schedule = append(schedule, time.Duration(float64(i)/rate*float64(time.Second)))
	}
	return schedule
}

// OpenLoop sends requests when they are scheduled, whether or not earlier ones are
// answered: users do not wait for each other. A service that stalls cannot slow it
// down, and so cannot hide the stall.
type OpenLoop struct {
	Schedule []time.Duration // since the start, ascending
	// Cap is how many requests may be outstanding. A request beyond it is not sent but
	// counted: then the measurement no longer covers all users.
	Cap int
	// Send sends the i-th request, and returns its outcome.
	Send func(ctx context.Context, i int) Sample
	// Kind, if it is set, returns a tally that counts the i-th request, too.
	Kind func(i int) *Tally
}

// Tally counts the outcomes of requests of an open or a closed loop.
type Tally struct {
	// Latency is that of the requests with the right answer; in an open loop it
	// counts from the scheduled time. Late is how much later than scheduled a request
	// was sent, which is the load generator's own part.
	Latency  *Histogram     `json:"latency"`
	Late     *Histogram     `json:"late,omitempty"`
	Outcomes map[string]int `json:"outcomes"`
	Capped   int            `json:"capped,omitempty"` // not sent because of Cap
	PeakOpen int            `json:"peak_outstanding"`
	Seconds  float64        `json:"seconds"` // from the start to the last answer
	Where    *Breakdown     `json:"where"`   // of those in Latency

	Err error `json:"-"` // the first wrong answer

	mu   sync.Mutex
	open int
}

// NewTally returns an empty tally.
func NewTally() *Tally {
	return &Tally{Latency: NewHistogram(), Late: NewHistogram(), Outcomes: make(map[string]int), Where: &Breakdown{}}
}

// Run runs the loop to its end, and waits for the last answer. When ctx ends, the
// rest of the schedule is not sent.
func (o OpenLoop) Run(ctx context.Context) *Tally {
	load := NewTally()
	var sent sync.WaitGroup
	sleep, end := newTimer(ctx)
	defer end()
	begin := time.Now()
	for i, at := range o.Schedule {
		if !sleep(time.Until(begin.Add(at))) {
			break
		}
		if !load.Enter(o.Cap) {
			continue
		}
		tallies := []*Tally{load}
		if o.Kind != nil {
			tallies = append(tallies, o.Kind(i))
			tallies[1].Enter(o.Cap)
		}
		sent.Go(func() {
			late := time.Since(begin.Add(at))
			sample := o.Send(ctx, i)
			for _, tally := range tallies {
				tally.Leave(sample, late+sample.Latency, late)
			}
		})
	}
	sent.Wait()
	load.Seconds = time.Since(begin).Seconds()
	return load
}

// Enter counts a request that is sent, and reports whether one more may be
// outstanding.
func (l *Tally) Enter(most int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= most {
		l.Capped++
		return false
	}
	l.open++
	l.PeakOpen = max(l.PeakOpen, l.open)
	return true
}

// Leave counts the answer to a request that Enter has counted.
func (l *Tally) Leave(sample Sample, latency, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	l.Outcomes[sample.Outcome]++
	l.Late.Record(late)
	if sample.Err != nil && l.Err == nil {
		l.Err = sample.Err
	}
	if sample.Right {
		l.Latency.Record(latency)
		l.Where.add(sample)
	}
}

// Rate returns how many requests per second got the right answer.
func (l *Tally) Rate() float64 {
	if l.Seconds == 0 {
		return 0
	}
	return float64(l.Latency.Count()) / l.Seconds
}

// Merge adds another tally of the same load.
func (l *Tally) Merge(other *Tally) {
	l.Latency.Merge(other.Latency)
	l.Late.Merge(other.Late)
	for outcome, count := range other.Outcomes {
		l.Outcomes[outcome] += count
	}
	l.Capped += other.Capped
	l.PeakOpen = max(l.PeakOpen, other.PeakOpen)
	l.Seconds += other.Seconds
	l.Where.merge(other.Where)
	if l.Err == nil {
		l.Err = other.Err
	}
}

// ClosedLoop keeps as many requests outstanding as there are workers: each worker
// sends its next request when it has its answer. This measures how much a service can
// do, and not how long users would wait.
func ClosedLoop(ctx context.Context, workers int, long time.Duration, send func(ctx context.Context) Sample) *Tally {
	load := NewTally()
	begin := time.Now()
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for time.Since(begin) < long && ctx.Err() == nil {
				load.Enter(workers)
				sample := send(ctx)
				load.Leave(sample, sample.Latency, 0)
			}
		})
	}
	all.Wait()
	load.Seconds = time.Since(begin).Seconds()
	return load
}

// newTimer returns what sleeps as [Sleep] does, for one goroutine, and what is called when
// it is no longer needed.
var newTimer = goTimer

func goTimer(ctx context.Context) (sleep func(time.Duration) bool, end func()) {
	return func(d time.Duration) bool { return Sleep(ctx, d) }, func() {}
}

// Sleep waits for d, and reports whether it did: it returns early when ctx ends.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
