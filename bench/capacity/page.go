package capacity

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Point is a measurement: a pool under load, and how often it was empty.
type Point struct {
	Pool
	Requests int     // that were sent
	Measured float64 // share of claims that found no cell
}

// Input is what a page is computed from.
type Input struct {
	Costs  Costs
	Points []Point
	Source string // where the figures come from
}

const (
	memoryPerCore = 4 << 30
	busy          = 0.7 // of the processors, at most, in what is recommended
	simulated     = 200_000
	seed          = 1
)

var coreCounts = []int{2, 16, 64}

// coresOfAZygote is the default of the setting zygotes: supervisor/config.
const coresOfAZygote = 4

func zygotes(cores, each int) int { return (cores + each - 1) / each }

// Page writes the tables as Markdown.
func Page(w io.Writer, in Input) error {
	var out strings.Builder
	c := in.Costs
	fmt.Fprintf(&out, "From %s: a request and its cell take %.1f ms of processor time (processors / saturated rate, with the load generator's part), "+
		"a cell is in use for %.1f ms, making one takes %.1f ms, of which the zygote %.1f ms; parked it takes %.1f MB.\n\n",
		in.Source, 1e3*c.CPU, 1e3*c.Run, 1e3*c.Make, 1e3*c.Fork, c.Parked/1e6)
	out.WriteString("### Which resource ends first\n\nRequests a second at which each ends, with the default settings:\n\n")
	limits(&out, c, func(m Machine) Settings {
		return Settings{Zygotes: zygotes(m.Cores, coresOfAZygote), Makers: min(max(2, m.Cores), 64), MaxRunning: 32}
	})
	out.WriteString("\nWith the settings that a machine of this size wants:\n\n")
	limits(&out, c, func(m Machine) Settings { return m.Wanted(c) })
	held(&out, c)
	pools(&out, c)
	fleets(&out, c)
	checks(&out, in.Points)
	_, err := io.WriteString(w, out.String())
	return err
}

func machine(cores int) Machine { return Machine{cores, float64(cores) * memoryPerCore} }

func limits(out *strings.Builder, c Costs, settings func(Machine) Settings) {
	out.WriteString("| cores, memory | zygotes, refill_parallel, max_running | processors | zygotes | refill_parallel | memory | max_running | first |\n" +
		"|---|---|---:|---:|---:|---:|---:|---|\n")
	for _, cores := range coreCounts {
		m := machine(cores)
		s := settings(m)
		fmt.Fprintf(out, "| %d, %.0f GiB | %d, %d, %d |", cores, m.Memory/(1<<30), s.Zygotes, s.Makers, s.MaxRunning)
		resources := m.Resources(c, s)
		for _, r := range resources {
			fmt.Fprintf(out, " %.0f |", r.Rate)
		}
		first := First(resources)
		fmt.Fprintf(out, " %s, %.0f/s |\n", first.Name, first.Rate)
	}
}

func held(out *strings.Builder, c Costs) {
	const miss, cellsOfACore = 0.01, 4
	fmt.Fprintf(out, "\n### What several zygotes hold\n\nThe highest rate at which at most %.0f %% of requests find a pool of %d cells for each processor empty, by the simulation, with enough makers:\n\n"+
		"| cores | one zygote | one for every 8 processors | one for every %d |\n|---:|---:|---:|---:|\n", 100*miss, cellsOfACore, coresOfAZygote)
	for _, cores := range []int{16, 64, 128} {
		m := machine(cores)
		s := m.Wanted(c)
		fmt.Fprintf(out, "| %d |", cores)
		for _, s.Zygotes = range [...]int{1, zygotes(cores, 8), zygotes(cores, coresOfAZygote)} {
			rate := m.Holds(miss, cellsOfACore*cores, c, s)
			fmt.Fprintf(out, " %d: %.0f/s, %.0f %% of the processors |", s.Zygotes, rate, 100*rate*c.CPU/float64(cores))
		}
		out.WriteString("\n")
	}
}

func pools(out *strings.Builder, c Costs) {
	out.WriteString("\n### How large a pool\n\nWith those settings, by how busy the processors are: the smallest pool with at most so many requests that find it empty, " +
		"what it takes parked, and how long it takes to fill again when a burst has emptied it and nothing else comes.\n\n" +
		"| cores | busy | rate | making a cell | 1 % | 0.1 % | 0.01 % | memory | filled in |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, cores := range coreCounts {
		m := machine(cores)
		s := m.Wanted(c)
		for _, share := range []float64{0.25, 0.5, busy, 0.9} {
			rate := share * float64(cores) / c.CPU
			p := m.PoolAt(rate, c, s)
			size := p.SizeFor(1e-4)
			fmt.Fprintf(out, "| %d | %.0f %% | %.0f/s | %.1f ms | %s | %s | %s |", cores, 100*share, rate, 1e3*p.Make,
				sizeOf(p.SizeFor(1e-2)), sizeOf(p.SizeFor(1e-3)), sizeOf(size))
			if size == 0 {
				out.WriteString(" – | – |\n")
				continue
			}
			fmt.Fprintf(out, " %s | %.0f ms |\n", megabytes(float64(size)*c.Parked), 1e3*RefillTime(m, c, s, size))
		}
	}
}

func sizeOf(size int) string {
	if size == 0 {
		return "none does"
	}
	return fmt.Sprint(size)
}

// RefillTime returns how long an idle machine takes to make size cells, as fast as
// makers, zygotes and processors allow. From 8 cells for each maker on, half of the makers
// rest.
func RefillTime(m Machine, c Costs, s Settings, size int) float64 {
	took := func(cells, makers int) float64 {
		return float64(cells) / min(float64(makers)/c.Make, float64(s.Zygotes)/c.Fork, float64(m.Cores)/max(1e-9, c.CPU-c.Run))
	}
	first := min(size, 8*s.Makers)
	return took(first, s.Makers) + took(size-first, max(1, s.Makers/2))
}

func fleets(out *strings.Builder, c Costs) {
	fmt.Fprintf(out, "\n### What a fleet needs\n\nMachines that are %.0f %% busy, and a twentieth more of them, at least one, since one may be down:\n\n| requests a second |", 100*busy)
	for _, cores := range coreCounts {
		fmt.Fprintf(out, " of %d cores |", cores)
	}
	fmt.Fprintf(out, "\n|---:|%s\n", strings.Repeat("---:|", len(coreCounts)))
	for _, rate := range []float64{100, 1000, 10_000, 100_000} {
		fmt.Fprintf(out, "| %.0f |", rate)
		for _, cores := range coreCounts {
			fmt.Fprintf(out, " %d |", Fleet(rate, float64(cores)/c.CPU, busy))
		}
		out.WriteString("\n")
	}
}

func checks(out *strings.Builder, points []Point) {
	if len(points) == 0 {
		return
	}
	out.WriteString("\n### Against what was measured\n\nShare of claims that found no cell, in the scenario openloop; the time to make a cell is what it was at that rate. " +
		"The formula is of a steady state, the simulation of as many requests as were sent, from a full pool on:\n\n" +
		"| rate | making a cell | measured | formula | simulation | simulation, which yields |\n|---:|---:|---:|---:|---:|---:|\n")
	for _, point := range points {
		plain, yields := point.Pool, point.Pool
		plain.Yields, yields.Yields = false, true
		fmt.Fprintf(out, "| %.0f/s | %.1f ms | %s | %s | %s | %s |\n", point.Rate, 1e3*point.Make, percent(point.Measured), percent(plain.Miss()),
			percent(plain.simulatedMiss(point.Requests)), percent(yields.simulatedMiss(point.Requests)))
	}
}

// simulatedMiss simulates measurements of this many requests, each from a full pool:
// beyond saturation the line grows, and the share of misses with the duration.
func (p Pool) simulatedMiss(requests int) float64 {
	requests = max(1, requests)
	var all Outcome
	for turn := range max(1, simulated/requests) {
		one := p.Simulate(requests, uint64(seed+turn)) // #nosec G115 -- not negative
		all.Requests, all.Misses = all.Requests+one.Requests, all.Misses+one.Misses
	}
	return all.Miss()
}

func percent(share float64) string {
	if share > 0 && share < 5e-5 {
		return "< 0.01 %"
	}
	return fmt.Sprintf("%.2f %%", 100*share)
}

func megabytes(bytes float64) string {
	if bytes >= 1e9 {
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	}
	return fmt.Sprintf("%.0f MB", math.Ceil(bytes/1e6))
}
