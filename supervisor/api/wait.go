package api

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Wait returns how long a client says that it waits for its answer, by the wait
// preference of RFC 7240, section 4.3: `Prefer: wait=10`. It returns 0 if the client does
// not say.
func Wait(header http.Header) time.Duration { return preferred(header, "wait") }

// Queue returns how long a client says that it waits for its turn in a session that is
// busy, by a preference of our own: `Prefer: queue=10`. It returns 0 if the client does not
// say.
func Queue(header http.Header) time.Duration { return preferred(header, "queue") }

// preferred returns the time of a preference. The RFC has whole seconds; fractions are
// accepted, too. It returns 0 if the value is invalid: the RFC tells servers to ignore that.
func preferred(header http.Header, wanted string) time.Duration {
	for preference := range strings.SplitSeq(strings.Join(header.Values("Prefer"), ","), ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), wanted) {
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
