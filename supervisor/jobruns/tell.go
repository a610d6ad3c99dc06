package jobruns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/webhooks"
)

const (
	// tellers is how many webhooks may be on their way at a time; atOnce is how many of
	// one key, or to one host: those who wait for a slow receiver leave room for others.
	tellers = 32
	atOnce  = 8
	// crowded is about how long a webhook waits that finds no such room.
	crowded = 5 * time.Second
	// largestMessage is the size from which on a message goes without the job's answer.
	largestMessage = 256 << 10
)

// webhook checks what a client says about a webhook.
func (j *Jobs) webhook(owner string, given *api.Webhook) (*jobs.Webhook, error) {
	if given == nil {
		return nil, nil
	}
	secret, err := j.webhooks.Check(owner, given.URL, given.Secret)
	var field *webhooks.FieldError
	switch {
	case errors.As(err, &field):
		pointer := "/webhook/" + field.Field
		problem := api.Refuse(api.CodeInvalidRequest, "%s: %v", pointer, field.Err)
		problem.Errors = []api.FieldError{{Pointer: pointer, Message: field.Err.Error()}}
		return nil, problem
	case err != nil:
		return nil, err
	}
	return &jobs.Webhook{URL: given.URL, Secret: secret}, nil
}

// letter is a message and its delivery, as the queue keeps it from the first attempt on:
// the job's answer may be gone when the receiver is there at last.
type letter struct {
	Delivery webhooks.Delivery `json:"delivery"`
	Message  json.RawMessage   `json:"message"`
}

// tell delivers webhooks, one after the other, until the service drains.
func (j *Jobs) tell(store jobs.Store) {
	j.untilDrained("a webhook is tried again", func() error { return j.tellOnce(store) })
}

func (j *Jobs) tellOnce(store jobs.Store) (err error) {
	defer panics.Caught(func(thrown error) { err = thrown })
	claimed, err := store.Told().Claim(j.claims)
	if err != nil {
		return err
	}
	kept := false
	defer func() {
		if !kept { // also after a panic; if the service ends, another takes it at once
			err = errors.Join(err, claimed.Later(crowded))
		}
	}()
	leave, ok := j.crowd.enter("key "+claimed.Job.Owner, "host "+webhooks.Delivery{URL: claimed.Job.Webhook.URL}.Host())
	if !ok {
		kept = true
		return claimed.Later(crowded/2 + rand.N(crowded)) // #nosec G404: a pause is no secret
	}
	defer leave()
	l, err := j.letter(store, claimed)
	if err != nil {
		return fmt.Errorf("write the webhook of job %s: %w", claimed.Job.ID, err)
	}
	before := l.Delivery
	l.Delivery, err = j.webhooks.Attempt(j.claims, before, l.Message)
	if l.Delivery == before { // interrupted
		kept = true
		return claimed.Later(0)
	}
	j.told(claimed.Job.ID, l.Delivery, err)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(j.claims), storing/3)
	defer cancel()
	if l.Delivery.Over() {
		err = claimed.Done(ctx)
	} else {
		var state []byte
		if state, err = json.Marshal(l); err == nil {
			err = claimed.Again(ctx, l.Delivery.Next, state)
		}
	}
	kept = err == nil
	return err
}

// told logs and counts an attempt. The URL is not logged: it may have a secret in it.
func (j *Jobs) told(id string, d webhooks.Delivery, err error) {
	outcome := d.Outcome
	line := []any{"job", id, "key", d.Owner, "host", d.Host(), "attempts", d.Attempts}
	switch {
	case !d.Over():
		outcome = webhooks.Retried
		j.cfg.Log.Info("a webhook is tried again later", append(line, "next", d.Next, "error", err)...)
	case err != nil:
		j.cfg.Log.Warn("a webhook is given up", append(line, "error", err)...)
	}
	j.cfg.Told(outcome)
}

// letter returns what was kept of a delivery, or else begins it.
func (j *Jobs) letter(store jobs.Store, claimed *jobs.Delivery) (letter, error) {
	var l letter
	if claimed.State != nil {
		return l, json.Unmarshal(claimed.State, &l)
	}
	job := claimed.Job
	data, err := shown(j.claims, store, job)
	if err != nil {
		return l, err
	}
	return letter{
		Delivery: webhooks.New("msg_"+job.ID, job.Owner, job.Webhook.URL, job.Webhook.Secret, time.Now()),
		Message:  webhooks.Message("job."+string(job.Status), job.Ended, data),
	}, nil
}

// shown returns a job that has ended as GET shows it, or without its answer if that is
// large, or no longer kept.
func shown(ctx context.Context, store jobs.Store, ended jobs.Job) ([]byte, error) {
	alone, err := json.Marshal(state(ended))
	if err != nil {
		return nil, err
	}
	job, err := store.Get(ctx, ended.Owner, ended.ID)
	if errors.Is(err, jobs.ErrNotFound) {
		return alone, nil
	}
	if err != nil {
		return nil, err
	}
	body, size, err := read(ctx, store, job)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	if size > largestMessage {
		return alone, nil
	}
	return io.ReadAll(body)
}

// crowd counts deliveries by what they may wait for.
type crowd struct {
	mu   sync.Mutex
	here map[string]int
}

// enter counts a delivery until leave is called, unless there are too many like it.
func (c *crowd) enter(names ...string) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		if name != "key " && c.here[name] >= atOnce { // without keys, everybody has the same one
			return nil, false
		}
	}
	if c.here == nil {
		c.here = make(map[string]int)
	}
	for _, name := range names {
		c.here[name]++
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, name := range names {
			if c.here[name]--; c.here[name] == 0 {
				delete(c.here, name)
			}
		}
	}, true
}
