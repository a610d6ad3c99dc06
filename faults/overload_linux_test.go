package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	overloadRate  = 200             // requests per second; at most 40 can be answered
	overloadLasts = 5 * time.Second // longer than clients wait, so that some of them come late
	clientsWait   = 2 * time.Second
)

// Five times as many requests as can be answered, from clients that hang up after two
// seconds. Most are refused early. Most of the others get their answer before their
// client hangs up.
func TestGoodputStaysUnderImpatientOverload(t *testing.T) {
	fault{
		name: "impatient overload: 5 times what can be answered, for 5 s", flags: []string{"--max-running", "4"},
		allowed: allowed{refusals: []string{"saturated"}},
		inject: func(t *testing.T, p *program, l *load) time.Time {
			busy := kind{name: "0.1 s", script: "import time\ndef main(token):\n    time.sleep(0.1)\n    return token", is: answer.gave}
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}
			defer client.CloseIdleConnections()
			var answered, gaveUp, refused, late atomic.Int64
			var all sync.WaitGroup
			for began, i := time.Now(), 0; time.Since(began) < overloadLasts; i++ {
				time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / overloadRate)))
				all.Go(func() {
					sent := time.Now()
					status, err := impatient(l, client, busy)
					switch {
					case errors.Is(err, context.DeadlineExceeded):
						gaveUp.Add(1)
					case err != nil:
						t.Error(err)
					case status == http.StatusOK:
						answered.Add(1)
					default:
						refused.Add(1)
						if time.Since(sent) > time.Second {
							late.Add(1)
						}
					}
				})
			}
			all.Wait()
			t.Logf("%d answered, %d clients gave up, %d refused, of which %d after more than a second", answered.Load(), gaveUp.Load(), refused.Load(), late.Load())
			if answered.Load() < gaveUp.Load() || refused.Load() == 0 {
				t.Error("most of those who were not refused got no answer in time")
			}
			return time.Now()
		},
	}.run(t)
}

// impatient sends one request whose client hangs up, and checks the outcome.
func impatient(l *load, client *http.Client, k kind) (status int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), clientsWait)
	defer cancel()
	token := newToken()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url+"/execute", bytes.NewReader(k.body(token)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", token)
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return 0, err
	}
	change, err := l.judge(k, token, response, body, a)
	if err != nil {
		return 0, err
	}
	l.note(change, "")
	return response.StatusCode, nil
}
