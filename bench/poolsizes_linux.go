package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/nsjail"
)

const (
	parkedPSS    = "PSS of a parked cell, 100 parked"
	makingOfFew  = "making a cell with 500 parked, of that with 10"
	makingWith   = "making a cell with %.0f parked"
	cellsToTime  = 15 // made and closed, to measure how long one takes
	fewParked    = 10
	manyParked   = 500
	parkedForPSS = 100
)

// measurePoolSizes parks more and more cells of one jail. At each size it measures
// how long making a cell takes, and once more with few cells at the end, so that a
// drift of the machine does not look like growth.
func measurePoolSizes(ctx context.Context, r *run, result *Result) (err error) {
	host, err := nsjail.OpenHost(r.Config.Host(r.Log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	jail, err := host.StartJail(ctx, r.profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, jail.Close()) }()
	var parked []*nsjail.Cell
	defer func() {
		for _, cell := range parked {
			err = errors.Join(err, cell.Close())
		}
	}()
	making := make(map[int]*traffic.Tally)
	var sizes, pss, median []float64
	for _, size := range []int{1, fewParked, 50, parkedForPSS, 250, manyParked, fewParked} {
		for len(parked) < size {
			cell, err := jail.Spawn(ctx)
			if err != nil {
				return fmt.Errorf("with %d parked: %w", len(parked), err)
			}
			parked = append(parked, cell)
		}
		for len(parked) > size {
			last := len(parked) - 1
			cell := parked[last]
			parked = parked[:last]
			if err := cell.Close(); err != nil {
				return err
			}
		}
		load, err := timeMaking(ctx, jail, scaled(r, cellsToTime))
		if err != nil {
			return fmt.Errorf("with %d parked: %w", size, err)
		}
		if making[size] != nil {
			making[size].Merge(load)
			continue
		}
		making[size] = load
		mean, err := meanPSS(parked)
		if err != nil {
			return err
		}
		sizes, pss = append(sizes, float64(size)), append(pss, mean/1e6)
		if size == parkedForPSS {
			result.value(parkedPSS, "MB", mean/1e6)
		}
	}
	for i, size := range sizes {
		load := making[int(size)]
		median = append(median, traffic.Milliseconds(load.Latency.Quantile(0.5)))
		result.row(fmt.Sprintf(makingWith, size), load)
		result.value(fmt.Sprintf("PSS of a cell with %.0f parked", size), "MB", pss[i])
	}
	result.ratio(makingOfFew, median[slices.Index(sizes, manyParked)], median[slices.Index(sizes, fewParked)])
	return nil
}

// timeMaking makes cells and closes them, one after the other.
func timeMaking(ctx context.Context, jail *nsjail.Jail, count int) (*traffic.Tally, error) {
	return traffic.Sequential(ctx, count, 0, func(ctx context.Context) traffic.Sample {
		begin := time.Now()
		cell, err := jail.Spawn(ctx)
		sample := traffic.Sample{Outcome: traffic.OK, Right: err == nil, Err: err, Latency: time.Since(begin)}
		if err == nil {
			sample.Err = cell.Close()
			sample.Right = sample.Err == nil
		}
		return sample
	})
}

// meanPSS returns the mean proportional set size in bytes.
func meanPSS(cells []*nsjail.Cell) (float64, error) {
	var sum int64
	for _, cell := range cells {
		pss, err := machine.PSS(cell.PID())
		if err != nil {
			return 0, err
		}
		sum += pss
	}
	return float64(sum) / float64(len(cells)), nil
}
