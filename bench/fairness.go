package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Fairness is what a key with few requests has of a service beside one with
// many.
type Fairness struct {
	Crowd int `json:"crowd"` // requests that the greedy key has at all times
	// Alone are the quiet key's requests while there are no others, Beside those
	// while there is the crowd, and Greedy the crowd's own.
	Alone  Latencies `json:"alone,omitempty"`
	Beside Latencies `json:"beside,omitempty"`
	Greedy Latencies `json:"greedy,omitempty"`
}

// MeasureFairness sends count requests of quiet, one after the other: first
// alone, then while greedy has a crowd of requests at all times.
func MeasureFairness(ctx context.Context, quiet, greedy *Client, crowd, count int) (f Fairness, err error) {
	f.Crowd = crowd
	const pause = 20 * time.Millisecond
	if f.Alone, err = quiet.Sequential(ctx, count, pause); err != nil {
		return f, fmt.Errorf("the quiet key, alone: %w", err)
	}
	var mu sync.Mutex
	var failed error
	var all sync.WaitGroup
	done := make(chan struct{})
	for range crowd {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				took, err := greedy.Do(ctx)
				mu.Lock()
				f.Greedy = append(f.Greedy, took)
				failed = errors.Join(failed, err)
				stop := failed != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond) // until the crowd is in line
	f.Beside, err = quiet.Sequential(ctx, count, pause)
	close(done)
	all.Wait()
	if err != nil {
		err = fmt.Errorf("the quiet key, beside the crowd: %w", err)
	}
	return f, errors.Join(err, failed)
}
