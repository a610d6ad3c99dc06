package batches

import (
	"context"
	"net/http"
	"time"

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
		_ = http.NewResponseController(w).EnableFullDuplex() // fails only without a connection
		given, cases, err = from.stream(ctx, r, held)
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

func (s Source) stream(ctx context.Context, r *http.Request, held *line.Reservation) (given api.Batch, cases *Body, err error) {
	cases, head, err := OpenStream(r.Body, s.Most, func(more int64) error { return dropin.Grow(ctx, held, more, time.Now().Add(patience)) })
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
