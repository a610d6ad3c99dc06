package forward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/api"
)

const (
	askTime = 5 * time.Second // for a node to answer
	askMost = 4 << 20         // bytes of its answer
	atOnce  = 8               // nodes that are asked at once
)

// Everywhere asks all other nodes what a client asks this one, with the client's key, and
// returns the bodies of those that answer with 2xx, and the names of those that do not answer,
// sorted; 404 is an answer. A request that another node has passed on, or that [Mark] has
// marked, is for this one alone.
func (n *Nodes) Everywhere(r *http.Request, id, party string) (answers [][]byte, silent []string, err error) {
	if n == nil || Marked(r.Header) {
		return nil, nil, nil
	}
	others := n.fleet.Others()
	var mu sync.Mutex // guards what follows, and the results
	var all sync.WaitGroup
	for range min(atOnce, len(others)) {
		all.Go(func() {
			defer panics.Caught(func(thrown error) {
				mu.Lock()
				defer mu.Unlock()
				err = thrown
			})
			for {
				mu.Lock()
				if len(others) == 0 {
					mu.Unlock()
					return
				}
				node := others[0]
				others = others[1:]
				mu.Unlock()
				answer, failed := n.ask(r, id, party, node)
				mu.Lock()
				switch {
				case failed == nil && answer != nil:
					answers = append(answers, answer)
				case failed != nil && r.Context().Err() == nil: // else it is the client that is gone
					silent = append(silent, node.Name)
					n.cfg.Log.Warn("another node does not answer what a client asks of all", "node", node.Name, "error", failed, "request_id", id)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if r.Context().Err() != nil {
		return nil, nil, api.ErrClientGone
	}
	slices.Sort(silent)
	return answers, silent, err
}

// ask asks one node. Its answer is nil if it does not have what it is asked for.
func (n *Nodes) ask(r *http.Request, id, party string, node fleet.Node) ([]byte, error) {
	if node.Advertise == "" {
		return nil, errors.New("it does not say where it can be reached")
	}
	if !n.places.enter(party) {
		return nil, errors.New("too many calls are passed on to other nodes")
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
		return nil, err
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
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, askMost+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > askMost:
		return nil, fmt.Errorf("its answer has more than %d bytes", askMost)
	case answer.StatusCode == http.StatusNotFound:
		return nil, nil
	case answer.StatusCode/100 != 2:
		return nil, fmt.Errorf("it answers with %d", answer.StatusCode)
	}
	return body, nil
}
