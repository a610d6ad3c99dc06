package jobs

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
	"time"
)

// Status says how far a job is.
type Status string

// The statuses. All but the first two are final.
const (
	Queued    Status = "queued"
	Running   Status = "running"
	Done      Status = "done"
	Cancelled Status = "cancelled"
	Expired   Status = "expired" // it was not begun in time
	Lost      Status = "lost"    // it was begun several times, and each time the server died or could not store its answer
)

// Statuses lists them.
var Statuses = []Status{Queued, Running, Done, Cancelled, Expired, Lost}

// Over reports whether the status is final.
func (s Status) Over() bool { return s != Queued && s != Running }

// Job is a job without its input and its answer.
type Job struct {
	ID    string `json:"id"`
	Owner string `json:"owner,omitempty"` // the name of the key that made it; empty: there are no keys
	Kind  string `json:"kind"`            // says what the input is; of no concern to this package

	Status   Status    `json:"status"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`        // when it is too late to begin
	Began    time.Time `json:"began,omitzero"` // for the last time
	Ended    time.Time `json:"ended,omitzero"`
	Attempts int       `json:"attempts,omitempty"` // how often it was begun, unless it was given back
	Node     string    `json:"node,omitempty"`     // the one that began it last

	Reason string `json:"reason,omitempty"` // why it ended without an answer
	Size   int64  `json:"size,omitempty"`   // of its input

	Webhook *Webhook `json:"webhook,omitempty"`

	// Hash is of the request that made the job, if it had an idempotency key.
	Hash []byte `json:"hash,omitempty"`

	object   string   // where its input or answer is; empty: in its message
	inline   []byte   // its answer, if that is in the message of its end
	outside  int64    // bytes of that
	sequence uint64   // of its message, if it is not over
	marking  *marking // its mark, if it was begun here
}

// Webhook says who is told when a job has ended.
type Webhook struct {
	URL    string `json:"url"`
	Secret string `json:"secret,omitempty"` // its name
}

const idSize = 26

// saneID is what every id looks like. Others never get into a subject.
var saneID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// IDFor returns the id of a job with an idempotency key: the same for the same owner
// and key.
func IDFor(owner, key string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + key))
	return base32.StdEncoding.EncodeToString(sum[:])[:26]
}

// token returns what stands for an owner in subjects.
func token(owner string) string {
	sum := sha256.Sum256([]byte(owner))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
