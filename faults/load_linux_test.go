package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// allowed says which outcomes the fault allows besides a request's own answer.
type allowed struct {
	killed   bool     // the answer "killed", by SIGKILL
	refusals []string // codes of HTTP 503
	verdicts []string // other verdicts
}

// tally counts requests by outcome.
type tally struct {
	requests int
	answered int // with the verdict that the script must get
	killed   int // with "killed", or another verdict that the fault allows
	refused  int
	cut      int // by the end of hotcell itself
	lost     int // no answer
	wrong    int // a wrong answer, or another caller's
}

// load sends requests until it is stopped.
type load struct {
	url     string
	allowed allowed
	client  *http.Client
	hurry   bool        // without pauses
	outage  atomic.Bool // while hotcell itself is dead, connections break

	mu    sync.Mutex // guards the fields below
	tally tally
	wrong []string // the first few failures

	stopped chan struct{}
	stops   sync.Once
	workers sync.WaitGroup
}

// deadline is when a request counts as hanging. It is far longer than max_wait and
// the longest script together.
const deadline = 40 * time.Second

func newLoad(url string, allowed allowed) *load {
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	return &load{url: url, allowed: allowed, client: &http.Client{Transport: transport, Timeout: deadline}, stopped: make(chan struct{})}
}

// workers is how many requests run at a time under steady load.
const workers = 6

// start begins the load, which ends with stop, and with the test.
func (l *load) start(t testing.TB) {
	t.Cleanup(l.stop)
	for range workers {
		l.workers.Go(func() {
			for {
				pause := time.Duration(10+rand.IntN(30)) * time.Millisecond // #nosec G404 -- pauses, as users make them
				if l.hurry {
					pause = 0
				}
				select {
				case <-l.stopped:
					return
				case <-time.After(pause):
					l.send(lottery[rand.IntN(len(lottery))]) // #nosec G404
				}
			}
		})
	}
}

// stop waits until every request has an answer.
func (l *load) stop() {
	l.stops.Do(func() { close(l.stopped) })
	l.workers.Wait()
	l.client.CloseIdleConnections()
}

// soFar returns the counts so far.
func (l *load) soFar() tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tally
}

func (l *load) note(change func(*tally), format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tally.requests++
	change(&l.tally)
	if format != "" && len(l.wrong) < 10 {
		l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
	}
}

var (
	tokens    atomic.Uint64
	anyTokens = regexp.MustCompile(`token-\d+-`)
)

// send sends one request and checks its outcome.
func (l *load) send(k kind) {
	token := fmt.Sprintf("token-%d-", tokens.Add(1))
	began := time.Now()
	response, body, err := l.post(k.body(token), token)
	took := time.Since(began)
	switch {
	case err != nil && l.outage.Load():
		l.note(func(t *tally) { t.cut++ }, "")
		return
	case err != nil:
		l.note(func(t *tally) { t.lost++ }, "%s, lost after %v: %v", k.name, took, err)
		return
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		l.note(func(t *tally) { t.wrong++ }, "%s: HTTP %d: %v: %.300s", k.name, response.StatusCode, err, body)
		return
	}
	change, err := l.judge(k, token, response, body, a)
	if err != nil {
		l.note(func(t *tally) { t.wrong++ }, "%s, after %v: %v: HTTP %d: %.500s", k.name, took, err, response.StatusCode, body)
		return
	}
	l.note(change, "")
}

func (l *load) post(body []byte, token string) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, l.url+"/execute", bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-Id", token)
	authorize(request, secret)
	response, err := l.client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, text, err
}

func (l *load) judge(k kind, token string, response *http.Response, body []byte, a answer) (func(*tally), error) {
	for _, other := range anyTokens.FindAllString(string(body), -1) {
		if other != token {
			return nil, errors.New("another caller's answer")
		}
	}
	if response.Header.Get("X-Request-Id") != token || a.ID+a.RequestID != token {
		return nil, errors.New("another request's id")
	}
	switch status := response.StatusCode; {
	case (status == http.StatusOK || status == http.StatusBadRequest) && k.is(a, token):
		return func(t *tally) { t.answered++ }, nil
	case status == http.StatusOK && l.allowed.killed && a.status() == "killed" && *a.Signal == "SIGKILL":
		return func(t *tally) { t.killed++ }, nil
	case status == http.StatusOK && contains(l.allowed.verdicts, a.status()):
		return func(t *tally) { t.killed++ }, nil
	case status == http.StatusServiceUnavailable && contains(l.allowed.refusals, a.Code):
		if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 10 {
			return nil, fmt.Errorf("Retry-After is %q", response.Header.Get("Retry-After"))
		}
		return func(t *tally) { t.refused++ }, nil
	}
	return nil, errors.New("not what this script must get")
}

func contains(words []string, word string) bool {
	return strings.Contains(" "+strings.Join(words, " ")+" ", " "+word+" ")
}
