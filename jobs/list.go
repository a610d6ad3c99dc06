package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// lookAt is how many of an owner's jobs are looked at for those of a status: what a list
// costs does not grow with the number of jobs.
const lookAt = 2000

// List implements [Store].
func (e *Engine) List(ctx context.Context, owner string, status Status, most int) ([]Job, error) {
	found, err := e.find(ctx, token(owner), status, most)
	if err != nil {
		return nil, err
	}
	list := slices.SortedFunc(maps.Values(found), func(a, b Job) int {
		return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID))
	})
	if status != "" {
		list = slices.DeleteFunc(list, func(job Job) bool { return job.Status != status })
	}
	return list[:min(len(list), most)], nil
}

// find returns jobs by their id, among which are the newest of a status.
func (e *Engine) find(ctx context.Context, token string, status Status, most int) (found map[string]Job, err error) {
	found = make(map[string]Job)
	add := func(m *nats.Msg) error {
		job, err := description(m.Header)
		found[job.ID] = job
		return err
	}
	marks := make(map[string]mark)
	if status == "" || !status.Over() {
		err = e.newest(ctx, marksStream, marksSubject+token+".", lookAt, func(m *nats.Msg) error {
			var one mark
			err := json.Unmarshal(m.Data, &one)
			marks[m.Subject[len(m.Subject)-idSize:]] = one
			return err
		})
	}
	switch {
	case err != nil:
	case status == Running:
		for id := range marks {
			m, err := last(ctx, e.jobs, jobsSubject+token+"."+id)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if err := add(&nats.Msg{Header: m.Header}); err != nil {
				return nil, err
			}
		}
	case status == "":
		err = e.newest(ctx, jobsStream, jobsSubject+token+".", most, add)
	case status == Queued:
		err = e.newest(ctx, jobsStream, jobsSubject+token+".", lookAt, add)
	}
	for id, job := range found {
		marks[id].of(&job)
		found[id] = job
	}
	switch { // after those that wait: they may end meanwhile
	case err != nil:
	case status == "":
		err = e.newest(ctx, endsStream, endsSubject+token+".", most, add)
	case status.Over():
		err = e.newest(ctx, endsStream, endsSubject+token+".", lookAt, add)
	}
	return found, err
}

// silence is how long the engine may say nothing before what it has said is all.
const silence = 2 * time.Second

// newest reads the newest messages of an owner: up to most, or some more. Of jobs and
// ends, it reads headers only.
func (e *Engine) newest(ctx context.Context, stream, prefix string, most int, each func(*nats.Msg) error) error {
	reader, count, err := e.reader(ctx, stream, prefix, most)
	if err != nil {
		return err
	}
	defer func() { _ = e.js.DeleteConsumer(context.WithoutCancel(ctx), stream, reader) }()
	messages, err := e.pull(stream, reader, count, 0)
	if err != nil {
		return err
	}
	defer func() { _ = messages.Unsubscribe() }()
	for range count {
		wait, cancel := context.WithTimeout(ctx, silence)
		m, err := messages.NextMsgWithContext(wait)
		cancel()
		if err != nil && ctx.Err() == nil { // the rest has been removed
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(m.Subject, prefix) { // there is nothing any more
			return nil
		}
		if err := each(m); err != nil {
			return err
		}
		if about, err := m.Metadata(); err != nil || about.NumPending == 0 {
			return err
		}
	}
	return nil
}

// reader makes a consumer of the newest messages of an owner, and says how many there are:
// all, or at least most and at most a quarter more. The caller removes it.
func (e *Engine) reader(ctx context.Context, stream, prefix string, most int) (name string, count int, err error) {
	begin := func(from uint64) (string, int, error) {
		made, err := e.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
			FilterSubject: prefix + "*", HeadersOnly: stream != marksStream, AckPolicy: jetstream.AckNonePolicy,
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
			MemoryStorage: true, Replicas: 1, InactiveThreshold: time.Minute,
		})
		if err != nil {
			return "", 0, err
		}
		info := made.CachedInfo()
		return info.Name, int(info.NumPending), nil // #nosec G115 -- it fits
	}
	name, count, err = begin(1)
	tooMany := most + most/4
	if err != nil || count <= tooMany {
		return name, count, err
	}
	all, err := e.js.Stream(ctx, stream)
	if err != nil {
		return "", 0, err
	}
	enough, few := uint64(1), all.CachedInfo().State.LastSeq+1 // from here on there are so many
	for err == nil && (count > tooMany || count < most) {
		if err = e.js.DeleteConsumer(ctx, stream, name); err != nil {
			break
		}
		from := enough + (few-enough)/2
		name, count, err = begin(from)
		switch {
		case from == enough: // they are removed faster than they can be counted
			return name, count, err
		case count < most:
			few = from
		default:
			enough = from
		}
	}
	return name, count, err
}
