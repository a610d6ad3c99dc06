package forward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/bodies"
)

const (
	askTime = 5 * time.Second // for a node to answer
	askMost = 4 << 20         // bytes of its answer
	atOnce  = 8               // nodes that are asked at once
)

// Everywhere asks all other nodes what a client asks this one, with the client's key, and
// returns the names of those that do not answer, sorted. take gets the body of each answer
// with 2xx, one at a time; if it returns an error, the node has not answered. 404 is an
// answer. hold, which may be called several times at a time, takes the memory of what is read.
// A request that another node has passed on, or that [Mark] has marked, is for this one alone.
func (n *Nodes) Everywhere(r *http.Request, id, party string, hold func(bytes int64) error, take func(answer []byte) error) (silent []string, err error) {
	if n == nil || Marked(r.Header) {
		return nil, nil
	}
	others := n.fleet.Others()
	var mu sync.Mutex // guards what follows, and the results
	var all sync.WaitGroup
	next := func() (node fleet.Node, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		if len(others) == 0 {
			return node, false
		}
		node, others = others[0], others[1:]
		return node, true
	}
	took := func(answer []byte) error {
		mu.Lock()
		defer mu.Unlock()
		return take(answer)
	}
	for range min(atOnce, len(others)) {
		all.Go(func() {
			defer panics.Caught(func(thrown error) {
				mu.Lock()
				defer mu.Unlock()
				err = thrown
			})
			for node, ok := next(); ok; node, ok = next() {
				failed := n.ask(r, id, party, node, hold, took)
				if failed == nil || r.Context().Err() != nil { // then it is the client that is gone
					continue
				}
				n.cfg.Log.Warn("another node does not answer what a client asks of all", "node", node.Name, "error", failed, "request_id", id)
				mu.Lock()
				silent = append(silent, node.Name)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if r.Context().Err() != nil {
		return nil, api.ErrClientGone
	}
	slices.Sort(silent)
	return silent, err
}

// ask asks one node. Nothing is taken if it does not have what it is asked for.
func (n *Nodes) ask(r *http.Request, id, party string, node fleet.Node, hold func(int64) error, take func([]byte) error) error {
	if node.Advertise == "" {
		return errors.New("it does not say where it can be reached")
	}
	if !n.places.enter(party) {
		return errors.New("too many calls are passed on to other nodes")
	}
	defer n.places.leave(party)
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	method := r.Method
	if method == http.MethodHead { // the client's answer has the length of all lists
		method = http.MethodGet
	}
	asked, err := http.NewRequestWithContext(ctx, method, "http://"+node.Advertise+r.URL.RequestURI(), nil) // #nosec G704 -- the address is a node's own
	if err != nil {
		return err
	}
	asked.Host = cmp.Or(r.Host, "localhost")
	for _, name := range []string{"Authorization", "X-Api-Key"} {
		if value := r.Header.Get(name); value != "" {
			asked.Header.Set(name, value)
		}
	}
	asked.Header.Set(header, n.cfg.Settings.Node)
	asked.Header.Set("X-Request-Id", id)
	answer, err := n.out.RoundTrip(asked)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return nil
	case answer.StatusCode/100 != 2:
		return fmt.Errorf("it answers with %d", answer.StatusCode)
	case answer.ContentLength > askMost:
		return errTooLong
	}
	body, err := bodies.ReadAll(answer.Body, answer.ContentLength, askMost, hold)
	if errors.Is(err, bodies.ErrOverLimit) {
		return errTooLong
	}
	if err != nil {
		return err
	}
	return take(body)
}

var errTooLong = fmt.Errorf("its answer has more than %d bytes", askMost)
