package supervisor

import (
	"net/http"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// longestWait returns how long a request may wait for a cell, in line and after it.
// It leaves a tenth of the client's patience for the refusal to arrive.
func (x *exchange) longestWait(cfg config.Config) time.Duration {
	if !x.until.IsZero() {
		return min(time.Until(x.until), cfg.CompatMaxWait)
	}
	if x.patience > 0 {
		return min(x.patience-x.patience/10, cfg.MaxWait)
	}
	return cfg.MaxWait
}

// longestInSession returns how long a request may wait for its turn in a session; 0: it does
// not wait.
func (x *exchange) longestInSession() time.Duration {
	if x.patience > 0 {
		return min(x.queue, x.patience-x.patience/10)
	}
	return x.queue
}

// expected returns the longest expected time to an answer with which the line accepts
// the request, by the client's own words; zero: the line's rule applies. It is half
// of the client's patience, since an expectation is not exact. Clients of drop-in APIs
// would not come back after a refusal, so they wait as long as they can.
func (x *exchange) expected() line.Patience {
	if !x.until.IsZero() {
		return line.Patience{Place: anyWait, Answer: anyWait}
	}
	return line.Patience{Answer: (x.patience + 1) / 2}
}

// anyWait is longer than anything waits.
const anyWait = 1000 * time.Hour

// refuseEarly refuses a request that the line would refuse, before its body is read
// and decoded. Under overload most requests are refused, and must cost little.
func (s *Service) refuseEarly(r *http.Request, x *exchange) error {
	err := s.line.Expect(x.party.Party, x.expected())
	if err == nil {
		return nil
	}
	x.waited = time.Since(x.began)
	return refusals.Explain(r.Context(), err)
}
