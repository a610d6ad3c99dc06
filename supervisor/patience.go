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

// patience is how long a client says that it waits for its answer, by the wait
// preference of RFC 7240, section 4.3: `Prefer: wait=10`. The RFC has whole
// seconds; a fraction is taken, too. 0: it does not say, or what it says is no
// time, which the RFC has servers ignore.
func patience(header http.Header) time.Duration {
	for preference := range strings.SplitSeq(strings.Join(header.Values("Prefer"), ","), ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(value), `"`), 64)
		if err != nil || !(seconds >= 0) || math.IsInf(seconds, 0) {
			return 0 // the first one counts
		}
		// At least a moment, so that it is not what nobody has said.
		return max(1, time.Duration(min(seconds, (24*time.Hour).Seconds())*float64(time.Second)))
	}
	return 0
}

// longestWait is how long a request may wait for a cell, in line and after it. Of
// a client's patience a tenth is left for the refusal to reach it.
func (x *exchange) longestWait(cfg config.Config) time.Duration {
	if x.patience > 0 {
		return min(x.patience-x.patience/10, cfg.MaxWait)
	}
	return cfg.MaxWait
}

// expected is how long a request may be expected to take where it is taken into
// the line, by its client's own words; zero: the line's rule holds. An expectation
// is not exact, so that it is half of the client's patience.
func (x *exchange) expected() line.Patience {
	return line.Patience{Answer: (x.patience + 1) / 2}
}

// refuseEarly refuses a request that the line would refuse, before its body is
// read and understood: under overload most are, and must cost little.
func (s *Service) refuseEarly(r *http.Request, x *exchange) error {
	err := s.line.Expect(x.party.Party, x.expected())
	if err == nil {
		return nil
	}
	x.waited = time.Since(x.began)
	return explain(r.Context(), err)
}
