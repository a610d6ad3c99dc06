package capacity

import "math"

// Costs are what a request and its cell use of a machine, as measured.
type Costs struct {
	CPU    float64 // seconds of processor time for a request and its cell: HTTP, run, making, removing
	Run    float64 // seconds that a request has its cell, on idle processors
	Make   float64 // seconds to make a cell, on idle processors
	Fork   float64 // of these, in the zygote, which makes one at a time
	Parked float64 // bytes of a parked cell (PSS)
	Zygote float64 // bytes of a zygote, and of hotcell itself
	Limit  float64 // bytes that a running script may take
}

// Machine is a machine to serve on.
type Machine struct {
	Cores  int
	Memory float64 // bytes
}

// Settings are hotcell's settings that matter here.
type Settings struct {
	Zygotes    int // of one profile
	Makers     int // refill_parallel
	MaxRunning int
}

// Resource is something limited, with the rate of requests at which it is used up.
type Resource struct {
	Name string
	Rate float64 // requests a second; +Inf: never
}

// Resources returns the resources of a machine, in no order.
//
// Memory limits how many scripts may run at a time if each uses all that it may. By
// Little's law, that number divided by Run is the rate.
func (m Machine) Resources(c Costs, s Settings) []Resource {
	places := math.Floor((m.Memory - c.Zygote) / c.Limit)
	return []Resource{
		{"processors", float64(m.Cores) / c.CPU},
		{"the zygotes, which fork one at a time each", float64(s.Zygotes) / c.Fork},
		{"refill_parallel", float64(s.Makers) / c.Make},
		{"memory, if each script takes all it may", max(0, places) / c.Run},
		{"max_running", float64(s.MaxRunning) / c.Run},
	}
}

// First returns the resource that is used up first.
func First(resources []Resource) Resource {
	first := Resource{Rate: math.Inf(1)}
	for _, r := range resources {
		if r.Rate < first.Rate {
			first = r
		}
	}
	return first
}

// Wanted returns settings with which the processors are used up first.
func (m Machine) Wanted(c Costs) Settings {
	rate := float64(m.Cores) / c.CPU
	const spare = 1.25 // for forks and makers that wait for each other
	return Settings{
		Zygotes:    max(1, int(math.Ceil(spare*rate*c.Fork))),
		Makers:     max(2, int(math.Ceil(spare*rate*c.Make))),
		MaxRunning: max(32, int(math.Ceil(4*rate*c.Run))),
	}
}

// Holds returns the highest rate at which at most that share of requests finds a pool of
// this size empty, by the simulation, in steps of a fortieth of what the processors can
// do; 0: none does.
func (m Machine) Holds(miss float64, size int, c Costs, s Settings) float64 {
	const steps, requests, seed = 40, 10_000, 1
	held := 0.0
	for step := 1; step < steps; step++ {
		rate := float64(step) / steps * float64(m.Cores) / c.CPU
		p := m.PoolAt(rate, c, s)
		p.Size, p.Zygotes, p.Fork = size, s.Zygotes, c.Fork*Stretch(m.Cores, rate*c.CPU/float64(m.Cores))
		if p.Simulate(requests, seed).Miss() > miss {
			break
		}
		held = rate
	}
	return held
}

// PoolAt returns the pool at a rate: making a cell takes longer on busy processors.
func (m Machine) PoolAt(rate float64, c Costs, s Settings) Pool {
	stretch := Stretch(m.Cores, rate*c.CPU/float64(m.Cores))
	return Pool{Rate: rate, Make: c.Make * stretch, Makers: s.Makers, Running: c.Run * stretch}
}

// Fleet returns how many machines a rate needs if each may be busy up to the share,
// and one of them, or a twentieth, may be down.
func Fleet(rate, perMachine, busy float64) int {
	needed := int(math.Ceil(rate / (perMachine * busy)))
	return needed + max(1, int(math.Ceil(float64(needed)/20)))
}
