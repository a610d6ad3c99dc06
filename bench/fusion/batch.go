package fusion

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
)

// Verdict is what a trainer makes of an answer.
type Verdict string

// The verdicts, as verl has them.
const (
	Accepted     Verdict = "accepted"
	WrongAnswer  Verdict = "wrong answer"
	RuntimeError Verdict = "runtime error"
	TimedOut     Verdict = "timeout"
	SandboxError Verdict = "sandbox error" // also if there is no answer: the reward is lost
)

// mostAnswer bounds what is read of an answer.
const mostAnswer = 1 << 20

// Batch sends programs to the API at url, so many at a time. It returns the load, whose
// latencies are those of right verdicts, and the verdict of each program.
func Batch(ctx context.Context, url string, programs []Program, atOnce int) (*traffic.Tally, []Verdict) {
	transport := &http.Transport{MaxIdleConnsPerHost: atOnce}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	load, verdicts := traffic.NewTally(), make([]Verdict, len(programs))
	next := make(chan int)
	var workers sync.WaitGroup
	begin := time.Now()
	for range atOnce {
		workers.Go(func() {
			for i := range next {
				load.Enter(atOnce)
				sent := time.Now()
				verdict, err := send(ctx, client, url, programs[i])
				sample := traffic.Sample{Outcome: string(verdict), Right: verdict == programs[i].Verdict, Latency: time.Since(sent)}
				if !sample.Right {
					sample.Err = errors.Join(fmt.Errorf("program %d, %s: %s instead of %s", i, programs[i].Name, verdict, programs[i].Verdict), err)
				}
				load.Leave(sample, sample.Latency, 0)
				verdicts[i] = verdict
			}
		})
	}
	for i := range programs {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	load.Seconds = time.Since(begin).Seconds()
	return load, verdicts
}

// send sends one program, and judges the answer.
func send(ctx context.Context, client *http.Client, url string, program Program) (Verdict, error) {
	body, err := json.Marshal(map[string]any{
		"code": program.Code, "language": "python", "stdin": "", "compile_timeout": 10, "run_timeout": 10, "memory_limit_MB": 1024, "files": map[string]string{}, "fetch_files": []string{},
	})
	if err != nil {
		return SandboxError, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return SandboxError, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return SandboxError, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %.200s", response.StatusCode, text)
	}
	if err != nil {
		return SandboxError, err
	}
	var answer struct {
		Status string `json:"status"`
		Run    struct {
			Status string `json:"status"`
			Code   *int   `json:"return_code"`
			Stdout string `json:"stdout"`
		} `json:"run_result"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return SandboxError, err
	}
	switch {
	case answer.Run.Status == "TimeLimitExceeded":
		return TimedOut, nil
	case answer.Run.Status != "Finished" || answer.Run.Code == nil:
		return SandboxError, fmt.Errorf("the answer %.200s", text)
	case *answer.Run.Code != 0:
		return RuntimeError, nil
	case strings.TrimRight(answer.Run.Stdout, "\n ") != program.Want:
		return WrongAnswer, nil
	}
	return Accepted, nil
}
