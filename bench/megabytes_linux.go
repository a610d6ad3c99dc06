package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	medianOfMegabyte  = "1 MB in and out, median"
	medianOfMegabytes = "30 MB in and out, median"
	peakOfMegabytes   = "peak memory of hotcell's own process with 30 MB in and out, of the 60 MB"

	megabytes = 30
)

// measureMegabytes sends large arguments and gets results as large.
func measureMegabytes(ctx context.Context, r *run, result *Result) (err error) {
	started, err := r.start(ctx, func(cfg *config.Config) { cfg.MaxBody, cfg.Profile.Default.ResultBytes = 32<<20, 32<<20 })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, started.Close()) }()
	resident, err := r.pipe()
	if err != nil {
		return err
	}
	service := traffic.NewClient(started.URL(), "")
	defer service.Close()
	echo := func(name string, argument any, result string) traffic.Request {
		return traffic.NewRequest(name, "", traffic.OK, result, client.Request{Script: echoScript, Args: []any{argument}})
	}
	numbers := make([]int, 150_000) // a megabyte of JSON
	for i := range numbers {
		numbers[i] = 100_000 + i
	}
	text := strings.Repeat(megabyte, megabytes)
	integers := echo("integers", numbers, strings.ReplaceAll(fmt.Sprint(numbers), " ", ","))
	large := echo("large", text, strconv.Quote(text))

	one := &series{name: "1 MB in and out", count: 5, pause: pauseBetween, send: overHTTP(service, oneMegabyte)}
	floor := &series{name: "1 MB, resident process on its pipe", count: 5, pause: pauseBetween, send: directly(resident, oneMegabyte)}
	lists := &series{name: "1 MB of integers in and out", count: 2, pause: pauseBetween, send: overHTTP(service, integers)}
	all := []*series{one, floor, lists}
	if _, err := service.Sequential(ctx, reference, warmUps, pauseBetween); err != nil {
		return err
	}
	if err := inTurns(ctx, scaled(r, 8), all); err != nil {
		return err
	}
	thirty := &series{name: fmt.Sprintf("%d MB in and out", megabytes), count: 2, pause: pauseBetween, send: overHTTP(service, large)}
	if err := inTurns(ctx, scaled(r, 5), []*series{thirty}); err != nil {
		return err
	}
	peak, err := machine.PeakMemory(started.PID())
	if err != nil {
		return err
	}
	for _, s := range append(all, thirty) {
		result.row(s.name, s.load)
	}
	median := func(s *series) float64 { return traffic.Milliseconds(s.load.Latency.Quantile(0.5)) }
	result.value(medianOfMegabyte, "ms", median(one))
	result.ratio("1 MB in and out, median of the resident process's", median(one), median(floor))
	result.value(medianOfMegabytes, "ms", median(thirty))
	result.ratio(peakOfMegabytes, peak, 2*megabytes*float64(len(megabyte)))
	result.value("peak memory of hotcell's own process", "MB", peak/1e6)
	return ctx.Err()
}
