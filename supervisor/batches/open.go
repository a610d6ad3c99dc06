package batches

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/dropin"
	"github.com/hotcell/hotcell/supervisor/line"
)

const (
	// ownBytes is the memory of a batch besides what it has read and what it runs. It
	// bounds how many batches a party can have at a time.
	ownBytes = 256 << 10
	// patience is how long a batch waits for memory before it gives up.
	patience = 30 * time.Second
)

// Source is what a batch is read from.
type Source struct {
	Line    *line.Line // whose memory it takes
	Party   line.Party
	Most    int64                                          // bytes of a body that is read as a whole, and of one case
	ReadAll func(held *line.Reservation) ([]byte, error)   // reads the whole body
	Decode  func(text []byte) (given api.Batch, err error) // see [api.DecodeBatch]
}

// Open reads a batch up to its first case. A body that may be read as a whole is: then
// its members may have any order, and its client need not read while it sends. The
// caller calls done, also after an error, when the batch is over.
func Open(ctx context.Context, w http.ResponseWriter, r *http.Request, from Source) (given api.Batch, cases *Body, done func(), err error) {
	held, err := from.Line.Reserve(from.Party, ownBytes)
	if err != nil {
		return given, nil, func() {}, err
	}
	if r.ContentLength >= 0 && r.ContentLength <= from.Most {
		given, cases, err = from.whole(held)
	} else {
		connection := http.NewResponseController(w)
		_ = connection.EnableFullDuplex() // fails only without a connection
		if r.ContentLength >= 0 {
			// Otherwise net/http would take what is not read of it for further requests.
			// Package conns sees to bodies without a length.
			w.Header().Set("Connection", "close")
		}
		body := &until{ctx: ctx, body: r.Body, setDeadline: connection.SetReadDeadline}
		given, cases, err = from.stream(ctx, body, held)
		if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
			err = cause // and not the client's fault
		}
		return given, cases, func() { body.close(); held.Release() }, err
	}
	return given, cases, held.Release, err
}

func (s Source) whole(held *line.Reservation) (given api.Batch, cases *Body, err error) {
	text, err := s.ReadAll(held)
	if err != nil {
		return given, nil, err
	}
	if given, err = s.Decode(text); err != nil {
		return given, nil, err
	}
	if given.Cases == nil {
		return given, nil, api.Refuse(api.CodeInvalidRequest, "/cases: is missing")
	}
	return given, OpenArray(given.Cases), nil
}

// until reads a body until a context ends, however long the client is silent. A read
// that is cut off would end the request's context, and with it what runs: so it is left
// alone until the answer is sent.
type until struct {
	ctx         context.Context
	body        io.Reader
	setDeadline func(time.Time) error
	buffer      [firstBuffer]byte
	left        <-chan piece // of the read that goes on; nil: none does
}

type piece struct {
	bytes int
	err   error
}

func (u *until) Read(p []byte) (int, error) {
	came := make(chan piece, 1)
	into := u.buffer[:min(len(p), len(u.buffer))]
	go func() {
		defer panics.Caught(func(err error) { came <- piece{0, err} })
		n, err := u.body.Read(into)
		came <- piece{n, err}
	}()
	select {
	case got := <-came:
		return copy(p, into[:got.bytes]), got.err
	case <-u.ctx.Done():
		u.left = came
		return 0, context.Cause(u.ctx)
	}
}

// close ends the read that goes on.
func (u *until) close() {
	if u.left != nil {
		_ = u.setDeadline(time.Now()) // fails only without a connection
		<-u.left
	}
}

func (s Source) stream(ctx context.Context, body io.Reader, held *line.Reservation) (given api.Batch, cases *Body, err error) {
	cases, head, err := OpenStream(body, s.Most, func(more int64) error { return dropin.Grow(ctx, held, more, time.Now().Add(patience)) })
	if err != nil {
		return given, nil, err
	}
	cases.hold = func(ctx context.Context, bytes int64) (func(), error) {
		held, err := s.Line.Reserve(s.Party, 0)
		if err != nil {
			return nil, err
		}
		if err := dropin.Grow(ctx, held, bytes, time.Now().Add(patience)); err != nil {
			held.Release()
			return nil, err
		}
		return held.Release, nil
	}
	if given, err = s.Decode(head); err == nil && given.Cases != nil { // under a name with escapes
		err = api.Refuse(api.CodeInvalidRequest, "/cases: appears twice")
	}
	return given, cases, err
}
