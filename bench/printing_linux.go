package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client"
)

const (
	printsOfPython = "processor time of 100,000 prints, of a new Python's into a pipe"
	prints         = "for i in range(100_000): print(i)\n"
)

// measurePrinting compares processor time, in turns: of the cell, as the answer says, of
// hotcell's own process and this one, its client, and of a new Python whose output this
// process reads.
func measurePrinting(ctx context.Context, r *run, result *Result) error {
	service, err := r.service(ctx)
	if err != nil {
		return err
	}
	asker, err := client.New(service.URL(), client.Options{})
	if err != nil {
		return err
	}
	python := baseline.InterpreterOf(r.profile)
	var cells, services, pythons, ratios []float64
	for range scaled(r, 15) {
		before, err := spent(r.serving.PID())
		if err != nil {
			return err
		}
		answer, err := asker.Execute(ctx, client.Request{Script: prints, Mode: "program"})
		if err != nil {
			return err
		}
		if answer.Status != "ok" || len(answer.Stdout) != 588_890 {
			return fmt.Errorf("the prints ended with %s and %d bytes", answer.Status, len(answer.Stdout))
		}
		if answer.Usage.CPUMS == nil {
			result.note("there is no cgroup that counts a cell's processor time")
			return nil
		}
		after, err := spent(r.serving.PID())
		if err != nil {
			return err
		}
		cell, own := *answer.Usage.CPUMS, traffic.Milliseconds(after-before)
		plain, err := printsOf(ctx, python)
		if err != nil {
			return err
		}
		cells, services, pythons = append(cells, cell), append(services, own), append(pythons, plain)
		ratios = append(ratios, (cell+own)/plain)
		if err := pooled.Settle(ctx, service); err != nil {
			return err
		}
	}
	result.value("processor time of the cell, median", "ms", middle(cells))
	result.value("processor time of the service and its client, median", "ms", middle(services))
	result.value("processor time of a new Python, median", "ms", middle(pythons))
	result.value(printsOfPython, "×", middle(ratios))
	return nil
}

// spent returns the processor time of a process and of this one so far.
func spent(pid int) (time.Duration, error) {
	of, err := machine.Used(pid)
	own, failed := machine.Used(os.Getpid())
	return of + own, errors.Join(err, failed)
}

// printsOf returns the processor time of a new Python that prints into a pipe, in ms.
func printsOf(ctx context.Context, python baseline.Interpreter) (float64, error) {
	command := python.Command("-Ic", prints)
	out, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, out)
	if err := errors.Join(err, command.Wait(), ctx.Err()); err != nil {
		return 0, err
	}
	state := command.ProcessState
	return float64(state.UserTime()+state.SystemTime()) / float64(time.Millisecond), nil
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
