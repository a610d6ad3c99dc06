package jobruns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// batch runs a job that is a batch. Its lines become its answer: they are held in memory,
// which is counted, until the last one is there.
func (j *Jobs) batch(ctx context.Context, owner Owner, run *running, input []byte, hold func(int64) error) ([]byte, error) {
	var given api.Batch
	var problem *api.Problem
	if err := owner.Turn(ctx, len(input), func() { given, problem = api.DecodeBatch(input, owner.Profiles()) }); err != nil {
		return nil, err
	}
	run.said.Profile = given.Profile
	if problem != nil {
		return run.refused(problem), nil
	}
	wait, stop := j.waiting(ctx)
	defer stop()
	if err := run.begin(ctx); err != nil {
		return nil, err
	}
	kept, revoked := &lines{hold: hold}, false
	summary, err := batches.Serve(ctx, wait, kept, given, batches.OpenArray(given.Cases), batches.Config{
		ID: run.ID, AtOnce: 2 * batches.Behind(), Explain: j.cfg.Explain, Ran: owner.BatchRan, Turn: owner.Turn,
		Watch: func(_, _ func()) func() { return func() {} },
		Begin: func(wait context.Context, job *nsjail.Job) (batches.Place, error) {
			if _, ok := j.cfg.Owner(run.Owner, run.ID); !ok {
				revoked = true
				return nil, errNoKey
			}
			return owner.Begin(wait, given.Profile, job, true)
		},
	})
	run.batch = &summary
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case revoked:
		return nil, errNoKey
	case wait.Err() != nil: // it runs again as a whole
		return nil, context.Cause(wait)
	case kept.refused != nil:
		return nil, fmt.Errorf("%w: %w", errAgain, kept.refused)
	case errors.As(err, &problem) && kept.text.Len() == 0:
		return run.refused(problem), nil
	case err != nil && problem == nil:
		return nil, err
	}
	return kept.answer(), nil
}

// lines is a [http.ResponseWriter] that keeps the lines of a batch.
type lines struct {
	hold    func(int64) error
	text    bytes.Buffer
	refused error
}

// Header implements [http.ResponseWriter].
func (l *lines) Header() http.Header { return make(http.Header) }

// WriteHeader implements [http.ResponseWriter].
func (l *lines) WriteHeader(int) {}

// FlushError is for [http.ResponseController].
func (l *lines) FlushError() error { return nil }

// Write implements [http.ResponseWriter].
func (l *lines) Write(text []byte) (int, error) {
	if l.refused = l.hold(2 * int64(len(text))); l.refused != nil {
		return 0, l.refused
	}
	return l.text.Write(text)
}

// answer returns {"batch": {"runs": [LINE, LINE], SUMMARY}}.
func (l *lines) answer() []byte {
	return encoded("batch", func(w *jsonwriter.Writer) {
		text := bytes.TrimSpace(l.text.Bytes())
		end := bytes.LastIndexByte(text, '\n') + 1
		w.RawString(`{"runs":[`)
		w.Raw(bytes.ReplaceAll(bytes.TrimSpace(text[:end]), []byte("\n"), []byte(",")))
		w.RawString("],")
		w.Raw(bytes.TrimSpace(text[end:])[1:])
	})
}
