package webhooks

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Delivery is one message on its way to one URL. It is small, and all that must be
// kept of it between attempts, but for the message itself.
type Delivery struct {
	ID     string `json:"id"` // of the message, the same in each attempt
	Owner  string `json:"owner,omitempty"`
	URL    string `json:"url"`
	Secret string `json:"secret"` // its name

	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next"` // when to try it; does not matter if it is over
	Outcome  Outcome   `json:"outcome,omitempty"`
}

// Message returns the body of a message as Standard Webhooks describes it: what
// happened ("job.done"), when, and data, which is JSON.
func Message(kind string, at time.Time, data []byte) []byte {
	return fmt.Appendf(nil, `{"type":%q,"timestamp":%q,"data":%s}`, kind, at.UTC().Format(time.RFC3339Nano), data)
}

// Outcome says how a delivery has ended. It is empty as long as it has not.
type Outcome string

// How a delivery ends.
const (
	Delivered Outcome = "delivered" // any status from 200 to 299
	Gone      Outcome = "gone"      // 410: the receiver wants no more
	GivenUp   Outcome = "given_up"  // nobody took it for [Patience]
)

// Retried is what became of an attempt after which the delivery has not ended.
const Retried Outcome = "retried"

// New returns a delivery that is due now. secret is a name that [Sender.Check] found.
func New(id, owner, url, secret string, now time.Time) Delivery {
	return Delivery{ID: id, Owner: owner, URL: url, Secret: secret, Since: now.UTC(), Next: now.UTC()}
}

// Host returns the name or address that it goes to, in lower case.
func (d Delivery) Host() string {
	t, err := parseTarget(d.URL)
	if err != nil {
		return ""
	}
	return t.host()
}

// Over reports whether there will be no further attempt.
func (d Delivery) Over() bool { return d.Outcome != "" }

// The pauses between attempts: three times as long each time, for a day.
const (
	firstPause   = 5 * time.Second
	longestPause = 4 * time.Hour
	Patience     = 24 * time.Hour
)

// after returns the state of a delivery after an attempt that ended at a time; status
// is 0 if nobody answered. chance is from 0 to 1: receivers that come
// back are not asked for everything at the same time.
func (d Delivery) after(status int, retryAfter time.Duration, now time.Time, chance float64) Delivery {
	d.Attempts++
	pause := firstPause
	for range d.Attempts - 1 {
		pause = min(3*pause, longestPause)
	}
	pause = time.Duration(float64(pause) * (0.8 + 0.4*chance))
	end := d.Since.Add(Patience)
	switch {
	case status >= 200 && status <= 299:
		d.Outcome = Delivered
	case status == http.StatusGone:
		d.Outcome = Gone
	case now.Add(pause).After(end):
		d.Outcome = GivenUp
	default:
		d.Next = now.Add(max(pause, min(retryAfter, end.Sub(now)))).UTC()
	}
	return d
}

// retryAfter returns how long the receiver wants to be left alone, or 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(seconds, 0), int(Patience/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
