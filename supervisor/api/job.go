package api

import (
	"crypto/sha256"
	"strings"
	"time"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/supervisor/config"
)

// What a job runs.
const (
	KindExecute = "execute"
	KindBatch   = "batch"
)

// maxKey is the longest idempotency key.
const maxKey = 255

// JobRequest is a decoded request for a job.
type JobRequest struct {
	Kind    string
	Input   []byte // the request to execute, or for a batch; it aliases the body
	Expires time.Duration
	Key     string // the idempotency key; empty: none
	Hash    []byte // of the body
	Webhook *Webhook
}

// Webhook says who is told when a job has ended.
type Webhook struct {
	URL    string
	Secret string // its name; empty: the only one
}

// webhookFields lists the fields of a webhook.
var webhookFields = []field[Webhook]{
	{"url", func(f *form, w *Webhook) { w.URL, _ = f.text() }},
	{"secret_name", func(f *form, w *Webhook) { w.Secret, _ = f.text() }},
}

// jobForm holds the fields of a job until all are read.
type jobForm struct {
	JobRequest
	execute, batch []byte
	longest        time.Duration
}

// jobFields lists the fields of [DecodeJob].
var jobFields = []field[jobForm]{
	{KindExecute, func(f *form, j *jobForm) { j.execute = f.part() }},
	{KindBatch, func(f *form, j *jobForm) { j.batch = f.part() }},
	{"expires_s", func(f *form, j *jobForm) { f.seconds(&j.Expires, j.longest) }},
	{"webhook", func(f *form, j *jobForm) {
		j.Webhook = new(Webhook)
		before := len(f.errors)
		if readFields(f, webhookFields, j.Webhook); j.Webhook.URL == "" && len(f.errors) == before {
			f.refuseAt(CodeInvalidRequest, f.at()+"/url", "is missing")
		}
	}},
	{"idempotency_key", func(f *form, j *jobForm) {
		if key, ok := f.text(); ok {
			j.Key = key
			f.idempotencyKey(key)
		}
	}},
}

// part reads an object without decoding it.
func (f *form) part() []byte {
	if !f.kind(jsonscan.Object) {
		return nil
	}
	return f.raw()
}

func (f *form) idempotencyKey(key string) {
	if key == "" || len(key) > maxKey {
		f.refuse(CodeInvalidRequest, "has %d bytes; must have 1 to %d", len(key), maxKey)
	}
}

// DecodeJob decodes a request for a job. header is the idempotency key of the request's
// header, or empty; expires is how long a job may wait if it does not say so, and the
// longest that it may ask for.
func DecodeJob(body []byte, header string, expires time.Duration) (JobRequest, *Problem) {
	sum := sha256.Sum256(body)
	f, given := readForm(body, jobFields, jobForm{JobRequest: JobRequest{Expires: expires, Hash: sum[:]}, longest: expires})
	switch {
	case given.execute != nil && given.batch != nil:
		f.refuseAt(CodeInvalidRequest, "/batch", "cannot stand beside execute: send one of them")
	case given.execute != nil:
		given.Kind, given.Input = KindExecute, given.execute
	case given.batch != nil:
		given.Kind, given.Input = KindBatch, given.batch
	case !f.refusedAt("/execute") && !f.refusedAt("/batch"):
		f.refuseAt(CodeInvalidRequest, "/execute", "is missing: send execute, or batch")
	}
	switch {
	case header == "":
	case len(header) > maxKey:
		return JobRequest{}, Refuse(CodeInvalidRequest, "the header Idempotency-Key has %d bytes; must have 1 to %d", len(header), maxKey)
	case given.Key != "" && given.Key != header:
		f.refuseAt(CodeInvalidRequest, "/idempotency_key", "is %q; must be as the header Idempotency-Key, which is %q", Shorten(given.Key), Shorten(header))
	default:
		given.Key = header
	}
	return given.JobRequest, f.problem()
}

// Within returns a problem of a part of a request, which is at a JSON pointer.
func (p *Problem) Within(pointer string) *Problem {
	if p == nil {
		return nil
	}
	for i := range p.Errors {
		p.Errors[i].Pointer = pointer + p.Errors[i].Pointer
	}
	if strings.HasPrefix(p.Detail, "/") {
		p.Detail = pointer + p.Detail
	} else if p.Code == CodeInvalidJSON {
		p.Detail = pointer + ": its " + p.Detail
	}
	p.Err.Message = p.Detail
	return p
}

// JobState is a job as its owner sees it, without its answer.
type JobState struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	Status   string     `json:"status"`
	Created  time.Time  `json:"created_at"`
	Expires  time.Time  `json:"expires_at"` // when it is too late to begin
	Began    *time.Time `json:"started_at"`
	Ended    *time.Time `json:"ended_at"`
	Attempts int        `json:"attempts"`
	Reason   string     `json:"reason,omitempty"` // why it ended without an answer
}

// CheckExecution returns the profile of a request to execute that is part of a job, and what
// is wrong with it.
func CheckExecution(input []byte, profiles []config.Profile) (profile string, problem *Problem) {
	given, problem := DecodeExecution(input, profiles)
	return given.Profile, problem.Within("/" + KindExecute)
}
