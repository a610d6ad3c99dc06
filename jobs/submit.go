package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs/objects"
)

// header has a job's description in its messages, so that it can be read without them.
const header = "Hotcell-Job"

// described is what a header has.
type described struct {
	Job
	Object string `json:"object,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"` // of the object
}

func message(subject string, job Job, data []byte) (*nats.Msg, error) {
	text, err := json.Marshal(described{job, job.object, job.outside})
	if err != nil {
		return nil, err
	}
	m := nats.NewMsg(subject)
	m.Header.Set(header, string(text))
	m.Data = data
	return m, nil
}

func description(from nats.Header) (Job, error) {
	var d described
	if err := json.Unmarshal([]byte(from.Get(header)), &d); err != nil {
		return Job{}, fmt.Errorf("a job's description: %w", err)
	}
	if !saneID.MatchString(d.ID) {
		return Job{}, fmt.Errorf("a job's id: %q", d.ID)
	}
	d.object, d.outside = d.Object, d.Bytes
	return d.Job, nil
}

// of returns the rest of a job's subjects.
func of(job Job) string { return token(job.Owner) + "." + job.ID }

// Submit implements [Store].
func (e *Engine) Submit(ctx context.Context, job Job, input []byte) (Job, bool, error) {
	job.Status, job.Size = Queued, int64(len(input))
	if job.Hash == nil {
		job.ID = rand.Text()
	} else if old, err := e.earlier(ctx, job); !errors.Is(err, ErrNotFound) {
		return old, true, err
	}
	if err := e.room(ctx, job.Owner, job.Size); err != nil {
		return Job{}, false, err
	}
	inline, object, err := objects.Put(ctx, e.inputs, job.ID, input)
	if err != nil {
		return Job{}, false, refused(err)
	}
	job.object, job.outside = object, objects.Size(object, input)
	m, err := message(jobsSubject+of(job), job, inline)
	if err != nil {
		return Job{}, false, err
	}
	if err := e.makeConsumer(ctx, token(job.Owner)); err != nil {
		objects.Drop(ctx, e.inputs, object)
		return Job{}, false, err
	}
	told := time.Now()
	e.fresh(token(job.Owner)) // so that it is asked for when it is there
	_, err = e.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0))
	if err != nil {
		objects.DropRefused(ctx, e.inputs, object, err)
	}
	if job.Hash != nil && wasThere(err) { // another request with the same key, at the same time
		if old, err := e.earlier(ctx, job); !errors.Is(err, ErrNotFound) {
			return old, true, err
		}
	}
	if err != nil {
		return Job{}, false, refused(err)
	}
	if time.Since(told) > e.settleTime()/2 { // they may have found nothing
		e.fresh(token(job.Owner))
	}
	return job, false, nil
}

// earlier returns the job that was made with the same idempotency key. The key is looked
// up first: it is written before the job goes, and one that is made meanwhile is not gone.
func (e *Engine) earlier(ctx context.Context, job Job) (Job, error) {
	entry, err := e.seen.Get(ctx, job.ID)
	known := err == nil
	if !known && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return Job{}, err
	}
	old, err := e.Get(ctx, job.Owner, job.ID)
	switch {
	case known && !bytes.Equal(entry.Value(), job.Hash), err == nil && !bytes.Equal(old.Hash, job.Hash):
		return Job{}, ErrConflict
	case known && errors.Is(err, ErrNotFound):
		return Job{}, ErrGone
	}
	return old, err
}

// wasThere reports whether a message was refused because there is one of that subject.
func wasThere(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) && (refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// refused wraps [ErrFull] around an error that says so.
func refused(err error) error {
	var said *jetstream.APIError
	if errors.As(err, &said) {
		switch said.ErrorCode {
		case 10023, 10047, 10077: // insufficient resources, storage resources exceeded, a stream's maximum
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	return err
}

// roomTime is how long a look at the disk's use is good for.
const roomTime = time.Second

// room reports whether another job of an owner may be taken: jobs may have half of the disk,
// so that there is room for the answers of those that were taken.
func (e *Engine) room(ctx context.Context, owner string, size int64) error {
	if e.here != nil && e.here.failed.Load() {
		return errFailed
	}
	e.mu.Lock()
	used, looked := e.used, e.looked
	e.mu.Unlock()
	if time.Since(looked) > roomTime {
		if e.here != nil {
			if err := hasRoom(e.cfg.Dir); err != nil {
				return err
			}
		}
		account, err := e.js.AccountInfo(ctx)
		if err != nil {
			return err
		}
		used = int64(account.Store) // #nosec G115 -- it fits
		e.mu.Lock()
		e.used, e.looked = used, time.Now()
		e.mu.Unlock()
	}
	return e.mayHave(ctx, owner, used, size)
}
