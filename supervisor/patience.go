package supervisor

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
)

// patience returns how long a client says that it waits for its answer, by the wait
// preference of RFC 7240, section 4.3: `Prefer: wait=10`. The RFC has whole seconds;
// fractions are accepted, too. It returns 0 if the client does not say, or if the
// value is invalid: the RFC tells servers to ignore that.
func patience(header http.Header) time.Duration {
	for preference := range strings.SplitSeq(strings.Join(header.Values("Prefer"), ","), ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(value), `"`), 64)
		if err != nil || !(seconds >= 0) || math.IsInf(seconds, 0) {
			return 0 // only the first one counts
		}
		// More than 0, which means that the client did not say.
		return max(1, time.Duration(min(seconds, (24*time.Hour).Seconds())*float64(time.Second)))
	}
	return 0
}

// longestWait returns how long a request may wait for a cell, in line and after it.
// It leaves a tenth of the client's patience for the refusal to arrive.
func (x *exchange) longestWait(cfg config.Config) time.Duration {
	if x.patience > 0 {
		return min(x.patience-x.patience/10, cfg.MaxWait)
	}
	return cfg.MaxWait
}

// expected returns the longest expected time to an answer with which the line accepts
// the request, by the client's own words; zero: the line's rule applies. It is half
// of the client's patience, since an expectation is not exact.
func (x *exchange) expected() line.Patience {
	return line.Patience{Answer: (x.patience + 1) / 2}
}

// refuseEarly refuses a request that the line would refuse, before its body is read
// and decoded. Under overload most requests are refused, and must cost little.
func (s *Service) refuseEarly(r *http.Request, x *exchange) error {
	err := s.line.Expect(x.party.Party, x.expected())
	if err == nil {
		return nil
	}
	x.waited = time.Since(x.began)
	return explain(r.Context(), err)
}
