package metrics

import (
	"cmp"
	"math"
	"slices"
)

// Quantiles returns quantiles of what the histograms observed together, in
// seconds, as Prometheus' histogram_quantile computes them: the observations in a
// bucket count as spread evenly over it, and those above the last bound as that
// bound. An element is nil if nothing was observed.
func Quantiles(grown []Series, wanted ...float64) []*float64 {
	found := make([]*float64, len(wanted))
	sums := make(map[float64]float64)
	for _, one := range grown {
		for _, b := range one.buckets {
			sums[b.bound] += b.count
		}
	}
	var counts []bucket
	for bound, count := range sums {
		counts = append(counts, bucket{bound, count})
	}
	slices.SortFunc(counts, func(a, b bucket) int { return cmp.Compare(a.bound, b.bound) })
	for i := 1; i < len(counts); i++ { // two scrapes' rounding, or a server that lies
		counts[i].count = max(counts[i].count, counts[i-1].count)
	}
	if len(counts) == 0 || counts[len(counts)-1].count <= 0 {
		return found
	}
	for i, q := range wanted {
		if value := quantile(counts, q); finite(value) {
			found[i] = &value
		}
	}
	return found
}

func quantile(counts []bucket, q float64) float64 {
	rank := q * counts[len(counts)-1].count
	i := slices.IndexFunc(counts, func(b bucket) bool { return b.count >= rank && b.count > 0 })
	below := bucket{}
	if i > 0 {
		below = counts[i-1]
	}
	switch {
	case math.IsInf(counts[i].bound, 1):
		if i == 0 {
			return math.NaN() // all that is known is that there was something
		}
		return below.bound
	case counts[i].bound <= 0:
		return counts[i].bound
	}
	return below.bound + (counts[i].bound-below.bound)*(rank-below.count)/(counts[i].count-below.count)
}
