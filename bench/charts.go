package bench

import (
	"math"
	"time"

	"github.com/hotcell/hotcell/bench/plot"
)

// figure is a chart with the name of its file.
type figure struct {
	name  string
	chart plot.Chart
}

// named is a distribution in a chart.
type named struct {
	name      string
	latencies *Histogram
}

// histogramChart shows how latencies are spread, on bars of equal ratio.
func histogramChart(name, title string, all ...named) figure {
	const barsPerDecade = 16
	var bounds []time.Duration
	for i := range 6*barsPerDecade + 1 { // 50 µs to 50 s
		bounds = append(bounds, time.Duration(50e3*math.Pow(10, float64(i)/barsPerDecade)))
	}
	chart := plot.Chart{
		Title: title, X: plot.Axis{Label: "latency, ms", Log: true}, Y: plot.Axis{Label: "share of the requests, %"},
	}
	for _, one := range all {
		series := plot.Series{Name: one.name, Fill: true, Steps: true}
		shares := one.latencies.Share(bounds)
		first, last := len(shares), 0
		for i, share := range shares {
			if share > 0 {
				first, last = min(first, i), i
			}
		}
		for i := max(0, first-1); i <= min(last+1, len(shares)-1); i++ {
			series.X, series.Y = append(series.X, milliseconds(bounds[i])), append(series.Y, 100*shares[i])
		}
		chart.Series = append(chart.Series, series)
	}
	return figure{name, chart}
}

// sweepChart shows latency against rate.
func sweepChart(rows []Row, saturated float64) figure {
	chart := plot.Chart{
		Title: "Latency against rate, Poisson arrivals, from the scheduled time",
		X:     plot.Axis{Label: "requests a second"}, Y: plot.Axis{Label: "latency, ms", Log: true},
		Marks: []plot.Mark{{X: saturated, Text: "saturated, closed loop"}},
	}
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}} {
		series := plot.Series{Name: q.name, Dots: true}
		for _, row := range rows {
			series.X = append(series.X, row.Rate)
			series.Y = append(series.Y, milliseconds(row.Load.Latency.Quantile(q.share)))
		}
		chart.Series = append(chart.Series, series)
	}
	return figure{"latency-against-rate", chart}
}

// levelChart shows the pool over time.
func levelChart(name, title string, levels []Level) figure {
	ready, making, waiting := plot.Series{Name: "cells ready", Steps: true, Fill: true}, plot.Series{Name: "cells being made", Steps: true},
		plot.Series{Name: "requests that wait", Steps: true}
	for _, level := range levels {
		ready.X, ready.Y = append(ready.X, level.Seconds), append(ready.Y, level.Ready)
		making.X, making.Y = append(making.X, level.Seconds), append(making.Y, level.Making)
		waiting.X, waiting.Y = append(waiting.X, level.Seconds), append(waiting.Y, level.Waiting)
	}
	return figure{"pool-" + name, plot.Chart{
		Title: title, X: plot.Axis{Label: "seconds"}, Y: plot.Axis{Label: "how many"}, Series: []plot.Series{ready, making, waiting},
	}}
}

// sizesChart shows what cells cost while more and more are parked.
func sizesChart(sizes, medianMS, pssMB []float64) figure {
	return figure{"pool-sizes", plot.Chart{
		Title: "Making and keeping cells, by how many are parked",
		X:     plot.Axis{Label: "cells parked", Log: true}, Y: plot.Axis{Label: "ms, MB"},
		Series: []plot.Series{
			{Name: "time to make one, median, ms", X: sizes, Y: medianMS, Dots: true},
			{Name: "PSS of one, mean, MB", X: sizes, Y: pssMB, Dots: true},
		},
	}}
}
