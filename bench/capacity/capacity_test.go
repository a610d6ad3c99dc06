package capacity_test

import (
	"math"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/bench/capacity"
)

// With one maker the formula is the geometric series of M/M/1, which can be checked
// by hand. With as many makers as the pool holds, and no line, it is Erlang's.
func TestMissesAreThoseOfTheTextbook(t *testing.T) {
	for _, c := range []struct {
		name string
		pool capacity.Pool
		want float64
	}{
		{"one maker: load to the power of the size", capacity.Pool{Rate: 50, Make: 0.01, Makers: 1, Size: 3}, 0.125},
		{"a pool of none is always empty", capacity.Pool{Rate: 50, Make: 0.01, Makers: 1, Size: 0}, 1},
		{"two makers, Erlang C of load 1", capacity.Pool{Rate: 100, Make: 0.01, Makers: 2, Size: 2}, 1.0 / 3},
		{"two makers, deeper: half of it for each more", capacity.Pool{Rate: 100, Make: 0.01, Makers: 2, Size: 4}, 1.0 / 12},
		{"two makers, one cell: anything ordered", capacity.Pool{Rate: 100, Make: 0.01, Makers: 2, Size: 1}, 2.0 / 3},
		{"more than the makers can", capacity.Pool{Rate: 300, Make: 0.01, Makers: 2, Size: 1000}, 1},
	} {
		if got := c.pool.Miss(); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheSimulationAgreesWithTheFormula(t *testing.T) {
	for _, p := range []capacity.Pool{
		{Rate: 100, Make: 0.01, Makers: 2, Size: 2},
		{Rate: 150, Make: 0.01, Makers: 2, Size: 8},
		{Rate: 180, Make: 0.01, Makers: 2, Size: 16},
		{Rate: 900, Make: 0.01, Makers: 12, Size: 12},
		{Rate: 500, Make: 0.01, Makers: 12, Size: 6},
	} {
		outcome := p.Simulate(400_000, 7)
		if want := p.Miss(); math.Abs(outcome.Miss()-want) > 0.05*want+0.001 {
			t.Errorf("%+v: simulated %.4f, formula %.4f", p, outcome.Miss(), want)
		}
		if again := p.Simulate(400_000, 7); again != outcome {
			t.Errorf("%+v: the same seed gave %+v and %+v", p, outcome, again)
		}
		if other := p.Simulate(400_000, 8); other == outcome {
			t.Errorf("%+v: another seed gave the same", p)
		}
	}
}

// A measurement begins with a full pool. Past saturation, the share of misses grows
// with its duration.
func TestALongerLookPastSaturationSeesMoreMisses(t *testing.T) {
	p := capacity.Pool{Rate: 220, Make: 0.01, Makers: 2, Size: 8}
	short, long := p.Simulate(100, 1), p.Simulate(100_000, 1)
	if p.Miss() != 1 || short.Miss() >= long.Miss() || long.Miss() < 0.95 || long.Longest <= short.Longest {
		t.Errorf("formula %v, %+v, %+v", p.Miss(), short, long)
	}
}

func TestAPoolThatYieldsMissesMore(t *testing.T) {
	p := capacity.Pool{Rate: 120, Make: 0.01, Makers: 2, Size: 8, Running: 0.003}
	plain := p.Simulate(200_000, 1)
	p.Yields = true
	if yields := p.Simulate(200_000, 1); yields.Miss() <= plain.Miss() {
		t.Errorf("%.4f that yields, %.4f that does not", yields.Miss(), plain.Miss())
	}
}

// With one zygote its forks are the queue: M/M/1, whose formula is the textbook's. With as
// many as makers none waits for one.
func TestZygotesForkOneAtATime(t *testing.T) {
	p := capacity.Pool{Rate: 150, Make: 0.004, Makers: 50, Size: 3, Zygotes: 1, Fork: 0.004}
	alone := capacity.Pool{Rate: 150, Make: 0.004, Makers: 1, Size: 3}
	if got, want := p.Simulate(400_000, 7).Miss(), alone.Miss(); math.Abs(got-want) > 0.05*want {
		t.Errorf("%.4f with one zygote, %.4f by the formula", got, want)
	}
	p.Zygotes = 2
	alone.Makers = 2
	if got, want := p.Simulate(400_000, 7).Miss(), alone.Miss(); math.Abs(got-want) > 0.05*want+0.001 {
		t.Errorf("%.4f with two zygotes, %.4f by the formula", got, want)
	}
}

func TestMoreZygotesHoldMore(t *testing.T) {
	costs := capacity.Costs{CPU: 0.008, Run: 0.002, Make: 0.005, Fork: 0.002}
	m := capacity.Machine{Cores: 16}
	one := m.Holds(0.01, 64, costs, capacity.Settings{Zygotes: 1, Makers: 20})
	four := m.Holds(0.01, 64, costs, capacity.Settings{Zygotes: 4, Makers: 20})
	if one < 300 || one > 500 || four < 1200 || four > 2000 { // a zygote forks 500 a second, the processors do 2000
		t.Errorf("%v and %v", one, four)
	}
	if none := m.Holds(0.01, 0, costs, capacity.Settings{Zygotes: 4, Makers: 20}); none != 0 {
		t.Errorf("a pool of none holds %v", none)
	}
}

func TestTheSmallestPoolForAMissRate(t *testing.T) {
	p := capacity.Pool{Rate: 100, Make: 0.01, Makers: 2}
	p.Size = p.SizeFor(0.01)
	enough := p.Miss()
	p.Size--
	if enough > 0.01 || p.Miss() <= 0.01 {
		t.Errorf("%d cells miss %v, one less %v", p.Size+1, enough, p.Miss())
	}
	p.Rate = 250
	if size := p.SizeFor(0.01); size != 0 {
		t.Errorf("%d cells for more than the makers can", size)
	}
}

func TestWhatEndsFirst(t *testing.T) {
	costs := capacity.Costs{CPU: 0.008, Run: 0.002, Make: 0.005, Fork: 0.002, Limit: 256 << 20, Zygote: 200e6}
	for _, c := range []struct {
		cores    int
		settings capacity.Settings
		first    string
		rate     float64
	}{
		{2, capacity.Settings{Zygotes: 1, Makers: 2, MaxRunning: 32}, "processors", 250},
		{16, capacity.Settings{Zygotes: 1, Makers: 2, MaxRunning: 32}, "refill_parallel", 400},
		{16, capacity.Settings{Zygotes: 1, Makers: 20, MaxRunning: 32}, "the zygotes, which fork one at a time each", 500},
		{16, capacity.Settings{Zygotes: 8, Makers: 20, MaxRunning: 2}, "max_running", 1000},
	} {
		m := capacity.Machine{Cores: c.cores, Memory: float64(c.cores) * (4 << 30)}
		if first := capacity.First(m.Resources(costs, c.settings)); first.Name != c.first || math.Abs(first.Rate-c.rate) > 1e-6 {
			t.Errorf("%d cores, %+v: %+v, want %s at %v", c.cores, c.settings, first, c.first, c.rate)
		}
		if first := capacity.First(m.Resources(costs, m.Wanted(costs))); first.Name != "processors" {
			t.Errorf("%d cores, with what they want: %s end first", c.cores, first.Name)
		}
	}
}

func TestBusyProcessorsStretchWork(t *testing.T) {
	if got := capacity.Stretch(1, 0.5); math.Abs(got-2) > 1e-9 { // M/M/1: 1/(1-0.5)
		t.Errorf("one processor, half busy: %v", got)
	}
	if many, few := capacity.Stretch(64, 0.7), capacity.Stretch(2, 0.7); many >= few || !math.IsInf(capacity.Stretch(2, 1), 1) {
		t.Errorf("64: %v, 2: %v", many, few)
	}
}

func TestAFleetHasASpare(t *testing.T) {
	for rate, want := range map[float64]int{1: 2, 140: 2, 141: 3, 14_000: 105} {
		if got := capacity.Fleet(rate, 200, 0.7); got != want {
			t.Errorf("%v/s: %d machines, want %d", rate, got, want)
		}
	}
}

func TestThePageIsTheSameEachTime(t *testing.T) {
	in := capacity.Input{
		Costs:  capacity.Costs{CPU: 0.008, Run: 0.002, Make: 0.005, Fork: 0.002, Parked: 5e6, Limit: 256 << 20, Zygote: 200e6},
		Points: []capacity.Point{{Pool: capacity.Pool{Rate: 150, Make: 0.01, Makers: 2, Size: 8, Running: 0.002}, Requests: 500, Measured: 0.1}}, Source: "a test",
	}
	var one, two strings.Builder
	if err := capacity.Page(&one, in); err != nil {
		t.Fatal(err)
	}
	if err := capacity.Page(&two, in); err != nil || one.String() != two.String() {
		t.Fatalf("%v\n%s\n%s", err, &one, &two)
	}
	for _, want := range []string{"| processors, 250/s |", "| 150/s | 10.0 ms | 10.00 % | 11.44 % |", "| 100000 |"} {
		if !strings.Contains(one.String(), want) {
			t.Errorf("no %q in\n%s", want, &one)
		}
	}
}
