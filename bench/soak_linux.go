package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/served"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/internal/descriptors"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	descriptorsLeft = "descriptors more after the soak than before"
	cgroupsLeft     = "cgroups of cells more after the soak than before"
)

// held is what hotcell's own process holds, and its cgroups.
type held struct {
	descriptors, cgroups int
	residentMB           float64
}

// measureSoak starts a service with its own state directory, which names its cgroups,
// so that other instances on the machine do not count.
func measureSoak(ctx context.Context, r *run, result *Result) (err error) {
	saturated, err := r.saturation(ctx)
	if err != nil {
		return err
	}
	service, err := r.start(ctx, func(cfg *config.Config) { cfg.StateDir = "" })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	client := traffic.NewClient(service.URL(), "")
	at := saturated / 2
	send := func(ctx context.Context, _ int) traffic.Sample { return client.Do(ctx, reference) }
	soak := func(long time.Duration, seed uint64) (*traffic.Tally, held, error) {
		load := traffic.OpenLoop{Schedule: traffic.Poisson(at, long, seed), Cap: maxOutstanding, Send: send}.Run(ctx)
		if err := errors.Join(load.Err, pooled.Settle(ctx, client)); err != nil {
			return load, held{}, err
		}
		client.Close() // its connections are not the service's leak
		traffic.Sleep(ctx, 200*time.Millisecond)
		now, err := lookAt(service)
		return load, now, err
	}
	_, before, err := soak(min(5*time.Second, r.Soak), r.Seed)
	if err != nil {
		return fmt.Errorf("warm-up: %w", err)
	}
	load, after, err := soak(r.Soak, r.Seed+1)
	if err != nil {
		return err
	}
	result.row(fmt.Sprintf("%.0f/s for %v", at, r.Soak), load)
	result.value(descriptorsLeft, "", float64(after.descriptors-before.descriptors))
	result.value(cgroupsLeft, "", float64(after.cgroups-before.cgroups))
	result.value("descriptors before", "", float64(before.descriptors))
	result.value("cgroups of cells before", "", float64(before.cgroups))
	result.value("resident memory before", "MB", before.residentMB)
	result.value("resident memory after", "MB", after.residentMB)
	return ctx.Err()
}

// lookAt counts what a service holds now.
func lookAt(service *served.Service) (held, error) {
	now := held{descriptors: descriptors.Count(service.PID())}
	path := fmt.Sprintf("/proc/%d/status", service.PID())
	status, err := os.ReadFile(path)
	if err != nil {
		return held{}, err
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kib, err := strconv.ParseFloat(fields[1], 64)
			if err != nil {
				return held{}, fmt.Errorf("%s: %w", path, err)
			}
			now.residentMB = kib * 1024 / 1e6
		}
	}
	lists, err := filepath.Glob(filepath.Join(service.StateDir, "hotcell-*", "cgroups"))
	if err != nil || len(lists) != 1 {
		return held{}, fmt.Errorf("%d lists of cgroups in %s (%w)", len(lists), service.StateDir, errors.Join(err, os.ErrNotExist))
	}
	dirs, err := os.ReadFile(lists[0])
	if err != nil {
		return held{}, err
	}
	for dir := range strings.Lines(string(dirs)) {
		cells, err := filepath.Glob(filepath.Join(strings.TrimSpace(dir), "cell-*"))
		if err != nil {
			return held{}, err
		}
		now.cgroups += len(cells)
	}
	return now, nil
}
