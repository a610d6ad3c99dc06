package jobruns

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/stream"
)

// events sends a job's state each time that it changes, and at last the job with its
// answer.
func (j *Jobs) events(w http.ResponseWriter, r *http.Request, owner string) error {
	ctx, id := r.Context(), idOf(r)
	store, err := j.opened()
	if err != nil {
		return j.refuse(ctx, err)
	}
	changed, stop := store.Watch(id)
	defer stop()
	job, err := store.Get(ctx, owner, id)
	if err != nil {
		return j.refuse(ctx, err)
	}
	format := stream.Wanted(r.Header)
	if format == nil {
		format = stream.Events
	}
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	out := stream.New(format, w, gone)
	defer out.Refuse(nil, "") // nothing is sent to keep it open when this has returned
	var told jobs.Job
	for {
		if job.Status.Over() {
			return j.last(ctx, out, store, job)
		}
		if job.Status != told.Status || job.Attempts != told.Attempts {
			out.Event("status", func(w *jsonwriter.Writer) { w.Value(state(job)) })
			told = job
		}
		select {
		case <-changed:
		case <-time.After(lookEvery):
		case <-j.cfg.Idles.Done(): // the client comes back to another
			return nil
		case <-ctx.Done():
			return errors.Join(api.ErrClientGone, context.Cause(ctx))
		}
		if job, err = store.Get(ctx, owner, id); err != nil {
			return j.refuse(ctx, err)
		}
	}
}

func (j *Jobs) last(ctx context.Context, out *stream.Stream, store jobs.Store, job jobs.Job) error {
	body, _, err := read(ctx, store, job)
	if err != nil {
		return j.refuse(ctx, err)
	}
	defer func() { _ = body.Close() }()
	out.End("end", func(w *jsonwriter.Writer) { _, err = io.Copy(raw{w}, body) })
	return err
}

// raw passes on what is JSON already.
type raw struct{ out *jsonwriter.Writer }

// Write implements [io.Writer].
func (r raw) Write(text []byte) (int, error) {
	r.out.Raw(text)
	return len(text), nil
}

// part is what several readers have, one after the other.
type part struct {
	io.Reader
	close func() error
}

func (p part) Close() error { return p.close() }

// reader reads a text, and then what rest has, if it is not nil.
func reader(text []byte, rest io.ReadCloser) io.ReadCloser {
	if rest == nil {
		return io.NopCloser(bytes.NewReader(text))
	}
	return part{io.MultiReader(bytes.NewReader(text), rest), rest.Close}
}
