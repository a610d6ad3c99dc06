package supervisor

import (
	"context"
	"errors"
	"net/http"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/bodies"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// readBody reads the whole body. The caller calls done when it no longer holds any
// part of the body, also after an error.
func (s *Service) readBody(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	if problem := api.CheckJSON(r.Header); problem != nil {
		return nil, func() {}, problem
	}
	held, err := s.line.Reserve(exchangeOf(r).party.Party, 0)
	if err != nil {
		return nil, func() {}, refusals.Explain(r.Context(), err)
	}
	body, err = s.readInto(w, r, held, 1)
	return body, held.Release, err
}

// readInto reads the whole body. While the body arrives, readInto reserves copies
// times its size from the memory that all bodies share, so that a waiting line of
// large bodies cannot fill the memory. Each party has its share of that memory.
func (s *Service) readInto(w http.ResponseWriter, r *http.Request, held *line.Reservation, copies int64) ([]byte, error) {
	if r.ContentLength > int64(s.cfg.MaxBody) {
		return nil, s.tooLarge()
	}
	body, err := bodies.ReadAll(r.Body, r.ContentLength, int64(s.cfg.MaxBody), func(more int64) error { return held.Grow(copies * more) })
	switch {
	case errors.Is(err, bodies.ErrOverLimit):
		return nil, s.tooLarge()
	case errors.Is(err, line.ErrBytes), errors.Is(err, line.ErrPartyBytes):
		s.metrics.MemoryRefused()
		return nil, refusals.Explain(r.Context(), err)
	case errors.Is(err, line.ErrClosed):
		return nil, refusals.Explain(r.Context(), err)
	case err != nil:
		return nil, api.Incomplete(err)
	}
	exchangeOf(r).held += int64(cap(body))
	return body, nil
}

func (s *Service) tooLarge() *api.Problem {
	return api.Refuse(api.CodeTooLarge, "the body exceeds the maximum of %d bytes", s.cfg.MaxBody)
}

// decode runs read, which decodes body: a large body only when it is its turn.
func (s *Service) decode(ctx context.Context, x *exchange, body []byte, read func() *api.Problem) error {
	var problem *api.Problem
	if err := s.turn(ctx, x, len(body), func() { problem = read() }); err != nil {
		return refusals.Explain(ctx, err)
	}
	if problem != nil {
		return problem
	}
	return nil
}
