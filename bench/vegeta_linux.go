package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

// measureVegeta sends the same requests at the same steady rate with this
// generator and with the program vegeta (github.com/tsenart/vegeta), in turns:
// if both see the same latencies, neither distorts them.
func measureVegeta(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	saturated, err := r.saturation(ctx)
	if err != nil {
		return err
	}
	program := r.Vegeta
	if program == "" {
		program = "vegeta"
	}
	rate, long := max(1, int(saturated/3)), scaled(r, 5*time.Second)
	ours, theirs := traffic.NewTally(), traffic.NewTally()
	for range 2 {
		if err := pooled.Settle(ctx, client); err != nil {
			return err
		}
		load := traffic.OpenLoop{Schedule: traffic.Steady(float64(rate), long), Cap: maxOutstanding, Send: func(ctx context.Context, _ int) traffic.Sample {
			return client.Do(ctx, reference)
		}}.Run(ctx)
		if load.Err != nil {
			return load.Err
		}
		ours.Merge(load)
		if err := pooled.Settle(ctx, client); err != nil {
			return err
		}
		if load, err = attackWithVegeta(ctx, program, client.URL(), rate, long); err != nil {
			return err
		}
		theirs.Merge(load)
	}
	result.row(fmt.Sprintf("this generator, %d/s, equal gaps", rate), ours)
	result.row("vegeta, the same", theirs)
	for _, q := range []float64{0.5, 0.9, 0.99} {
		result.ratio(fmt.Sprintf("p%.0f, this generator's of vegeta's", 100*q), float64(ours.Latency.Quantile(q)), float64(theirs.Latency.Quantile(q)))
	}
	return nil
}

// attackWithVegeta runs the program. Its latencies count from the time of sending.
func attackWithVegeta(ctx context.Context, program, url string, rate int, long time.Duration) (*traffic.Tally, error) {
	target, err := json.Marshal(map[string]any{
		"method": "POST", "url": url + "/execute", "body": base64.StdEncoding.EncodeToString(reference.Body),
		"header": map[string][]string{"Content-Type": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	attack := exec.CommandContext(ctx, program, "attack", "-format=json", "-rate="+strconv.Itoa(rate), "-duration="+long.String())
	attack.Stdin = bytes.NewReader(append(target, '\n'))
	var results, stderr bytes.Buffer
	attack.Stdout, attack.Stderr = &results, &stderr
	if err := attack.Run(); err != nil {
		return nil, fmt.Errorf("vegeta attack: %w %.300s (make build/tools/vegeta builds it, and --vegeta sets its path)", err, &stderr)
	}
	encode := exec.CommandContext(ctx, program, "encode", "-to=json")
	encode.Stdin = &results
	out, err := encode.Output()
	if err != nil {
		return nil, fmt.Errorf("vegeta encode: %w", err)
	}
	load := traffic.NewTally()
	for line := range bytes.Lines(out) {
		var hit struct {
			Code    int           `json:"code"`
			Latency time.Duration `json:"latency"`
			Error   string        `json:"error"`
		}
		if err := json.Unmarshal(line, &hit); err != nil {
			return nil, fmt.Errorf("vegeta encode: %w", err)
		}
		load.Enter(maxOutstanding)
		outcome := traffic.OK
		if hit.Code != 200 {
			outcome = fmt.Sprintf("HTTP %d %s", hit.Code, hit.Error)
		}
		load.Leave(traffic.Sample{Outcome: outcome, Right: hit.Code == 200}, hit.Latency, 0)
	}
	load.Seconds = long.Seconds()
	return load, nil
}
