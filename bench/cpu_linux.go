package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/served"
	"github.com/hotcell/hotcell/bench/traffic"
)

const cpuOfRequest = "processor time of a request, saturated"

// spender is a service whose processor time is measured.
type spender struct {
	name, program string
	snapshot      bool

	service *traffic.Client
	turns   []float64 // µs a request
}

// measureCPU measures the processor time that a request takes when a service is saturated:
// all of the machine's but that of this process, so with what the kernel does in threads of
// its own. It counts from a full pool to a full pool, so that each request pays for one
// cell. In turns with it, it measures a service whose setting of the snapshot is the other
// one, and the program Options.Before.
func measureCPU(ctx context.Context, r *run, result *Result) (err error) {
	with, setting := r.Config.Snapshot, map[bool]string{true: "yes", false: "no"}
	all := []*spender{
		{name: "with snapshot: " + setting[with], program: r.Program, snapshot: with},
		{name: "with snapshot: " + setting[!with], program: r.Program, snapshot: !with},
	}
	if r.Before != "" {
		all = append(all, &spender{name: "before", program: r.Before, snapshot: with})
	}
	for _, s := range all {
		cfg := r.Config
		cfg.Snapshot = s.snapshot
		service, err := served.Start(ctx, s.program, cfg)
		if err != nil {
			return fmt.Errorf("%s: %w", s.program, err)
		}
		defer func() { err = errors.Join(err, service.Close()) }()
		s.service = traffic.NewClient(service.URL(), "")
		defer s.service.Close()
		if _, err := s.turn(ctx, runIn); err != nil { // warms up
			return err
		}
	}
	for range scaled(r, 4) {
		for _, s := range all {
			used, err := s.turn(ctx, 2*time.Second)
			if err != nil {
				return fmt.Errorf("hotcell %s: %w", s.name, err)
			}
			s.turns = append(s.turns, used)
		}
	}
	configured := all[0]
	result.value(cpuOfRequest, "µs", middle(slices.Clone(configured.turns)))
	for _, s := range all[1:] {
		var ratios []float64
		for turn, used := range s.turns {
			ratios = append(ratios, configured.turns[turn]/used)
		}
		median := middle(ratios)
		result.value(cpuOfRequest+", "+s.name, "µs", middle(slices.Clone(s.turns)))
		result.value(cpuOfRequest+", of that "+s.name, "×", median)
		result.note("of that %s: %.2f to %.2f in %d turns", s.name, ratios[0], ratios[len(ratios)-1], len(ratios))
	}
	return ctx.Err()
}

// turn saturates the service for so long, and returns the processor time of a request in
// µs.
func (s *spender) turn(ctx context.Context, long time.Duration) (float64, error) {
	if err := pooled.Settle(ctx, s.service); err != nil {
		return 0, err
	}
	before, err := machine.Busy()
	if err != nil {
		return 0, err
	}
	load := traffic.ClosedLoop(ctx, workers, long, overHTTP(s.service, reference))
	if load.Err != nil {
		return 0, load.Err
	}
	traffic.Sleep(ctx, untilFull) // asking whether it is full takes processor time, too
	if err := pooled.Settle(ctx, s.service); err != nil {
		return 0, err
	}
	after, err := machine.Busy()
	return float64((after - before).Microseconds()) / float64(max(1, load.Latency.Count())), err
}

// untilFull is about how long an empty pool takes to fill.
const untilFull = 200 * time.Millisecond
