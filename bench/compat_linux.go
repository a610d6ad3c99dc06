package bench

import (
	"context"
	"errors"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/fusion"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

const (
	otherVerdicts = "programs whose verdict differs from that of a new Python"
	programsOfNew = "programs a second, of a new Python each"
	batchAtOnce   = 64 // as verl's max_concurrent
)

// measureCompat sends the same batches of programs by SandboxFusion's API, in turns, to
// hotcell and to a server that starts a new Python for each program.
func measureCompat(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.startFronts(baseline.NewPython); err != nil {
		return err
	}
	ours, theirs, other := traffic.NewTally(), traffic.NewTally(), 0
	for _, kind := range []struct {
		name string
		size int
		data bool
	}{{"the standard library", 240, false}, {"numpy or pandas", 60, true}} {
		programs := fusion.Programs(scaled(r, kind.size), kind.data)
		own, verdicts := fusion.Batch(ctx, client.URL()+"/compat/sandboxfusion/run_code", programs, batchAtOnce)
		new, right := fusion.Batch(ctx, r.fronts[baseline.NewPython].URL()+"/run_code", programs, batchAtOnce)
		if err := errors.Join(own.Err, new.Err, ctx.Err(), pooled.Settle(ctx, client)); err != nil {
			return err
		}
		for i := range programs {
			if verdicts[i] != right[i] {
				other++
			}
		}
		result.row("programs with "+kind.name+", hotcell", own)
		result.row("the same, a new Python each, no jail", new)
		result.ratio(programsOfNew+", with "+kind.name, own.Rate(), new.Rate())
		ours.Merge(own)
		theirs.Merge(new)
	}
	result.value(otherVerdicts, "", float64(other))
	result.ratio(programsOfNew, ours.Rate(), theirs.Rate())
	return nil
}
