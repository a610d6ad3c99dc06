package supervisor

import (
	"context"
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/sessions"
	"github.com/hotcell/hotcell/supervisor/transfers"
)

// listFiles serves GET /sessions/{id}/files.
func (s *Service) listFiles(w http.ResponseWriter, r *http.Request, x *exchange) error {
	var list transfers.Listing
	err := s.withFiles(r, x, transfers.ListBytes, func(ctx context.Context, turn *sessions.Turn, _ string) (err error) {
		list, err = transfers.List(ctx, turn, r.URL.Query())
		return err
	})
	if err != nil {
		return err
	}
	return api.WriteJSON(w, http.StatusOK, list)
}

// sendFile serves GET /sessions/{id}/files/{path}.
func (s *Service) sendFile(w http.ResponseWriter, r *http.Request, x *exchange) error {
	return s.withFiles(r, x, transfers.Bytes, func(ctx context.Context, turn *sessions.Turn, path string) error {
		sent, err := transfers.Send(ctx, w, r, turn, path)
		s.metrics.FileMoved("out", sent)
		return err
	})
}

// receiveFile serves PUT /sessions/{id}/files/{path}.
func (s *Service) receiveFile(w http.ResponseWriter, r *http.Request, x *exchange) error {
	return s.withFiles(r, x, transfers.Bytes, func(ctx context.Context, turn *sessions.Turn, path string) error {
		size, err := transfers.Receive(ctx, w, r, turn, path)
		s.metrics.FileMoved("in", size)
		if err != nil {
			return err
		}
		return api.WriteJSON(w, http.StatusOK, map[string]any{"path": path, "bytes": size})
	})
}

// removeFile serves DELETE /sessions/{id}/files/{path}.
func (s *Service) removeFile(w http.ResponseWriter, r *http.Request, x *exchange) error {
	return s.withFiles(r, x, transfers.Bytes, func(ctx context.Context, turn *sessions.Turn, path string) error {
		if err := transfers.Remove(ctx, turn, path); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// withFiles reserves memory, takes a turn in the session that the address names, and calls
// use with it and the path. A drain waits for use. Its context ends when the grace of a drain is
// over, and when the request's key is revoked.
func (s *Service) withFiles(r *http.Request, x *exchange, memory int64, use func(ctx context.Context, turn *sessions.Turn, path string) error) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	held, err := s.line.Hold(x.party.Party, memory)
	if err != nil {
		if !errors.Is(err, line.ErrClosed) {
			s.metrics.MemoryRefused()
		}
		return refusals.Explain(r.Context(), err)
	}
	defer held.Release()
	ctx, done := x.untilRevoked(r.Context())
	defer done()
	ctx, cancel := s.untilKilled(ctx)
	defer cancel(nil)
	turn, err := s.enterSession(ctx, x, session)
	if err != nil {
		return err
	}
	defer turn.Leave()
	err = session.Refusal(use(ctx, turn, mux.Vars(r)["path"]))
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) {
		return refusals.Explain(ctx, err)
	}
	return err
}
