package supervisor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/bodies"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/terminals"
)

const firstMessageDeadline = 10 * time.Second // how long the client has to send it

// tty serves GET /tty: a terminal in a cell. Refusals that do not depend on the first
// message are sent before the upgrade, as for any request.
func (s *Service) tty(w http.ResponseWriter, r *http.Request, x *exchange) error {
	if s.cfg.TTYMax == 0 {
		return api.Refuse(api.CodeNotFound, "terminals are disabled: tty_max is 0")
	}
	if problem := terminals.CheckUpgrade(r); problem != nil {
		return problem
	}
	leave, problem := s.terminals.Enter(x.party)
	if problem != nil {
		return problem
	}
	x.done = leave
	arrived := time.Now()
	wait, stop := s.waiting(r.Context(), x)
	defer stop()
	ticket, err := s.enter(wait, x, line.Cost{Bytes: budget.TerminalBytes})
	if err != nil {
		return refusals.Explain(r.Context(), err)
	}
	// A server waits for its requests, but not for upgraded ones: so the place is
	// kept until everything is done.
	x.ticket, x.done = ticket, func() { leave(); x.leave() }
	x.timing.Queue = api.Millis(time.Since(arrived))
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{api.TTYProtocol}})
	if err != nil { // Accept has answered
		return api.Refuse(api.CodeInvalidRequest, "the upgrade failed: %v", err)
	}
	c := terminals.NewConn(conn, x.id, conns.Taken(r.Context()))
	defer c.Close()
	// After the upgrade the request's context is no longer reliable.
	ended, err := s.serveTerminal(context.WithoutCancel(r.Context()), c, x)
	c.Farewell(ended, err)
	if errors.Is(err, refusals.ErrDraining) { // a script ran, and the client has been told its end
		return nil
	}
	return err
}

// serveTerminal runs a terminal from its first message to its end. The verdict is nil
// if nothing ran. The error says why the terminal ended early: a *api.Problem,
// refusals.ErrDraining, or api.ErrClientGone.
func (s *Service) serveTerminal(ctx context.Context, c *terminals.Conn, x *exchange) (*nsjail.Verdict, error) {
	ctx, cancel := s.untilKilled(ctx)
	defer cancel(nil)
	ctx, done := x.untilRevoked(ctx)
	defer done()

	held, err := s.line.Reserve(x.party.Party, 0)
	if err != nil {
		return nil, refusals.Explain(ctx, err)
	}
	defer held.Release() // the job's files alias the message
	given, err := s.firstMessage(ctx, cancel, c, x, held)
	if err != nil {
		return nil, err
	}
	terminal, err := s.profiles[given.Profile].OpenTerminal(given.Columns, given.Rows)
	if err != nil {
		return nil, api.Internal(err)
	}
	defer terminal.Close()
	pump := terminals.StartPump(c, terminal, cancel, s.cfg.TTYIdle)
	verdict, err := s.runOnTerminal(ctx, x, given, terminal)
	var cause error // why it ended, if not by the script
	if err != nil {
		cause = context.Cause(ctx)
	}
	if verdict.Status == "" { // nothing has written to it, and nothing will
		_ = terminal.Close()
	}
	pump.Finish()
	var p *api.Problem
	switch {
	case errors.As(cause, &p):
		err = p
	case errors.Is(cause, refusals.ErrRevoked):
		err = refusals.Explain(ctx, cause)
	case verdict.Status == "":
		err = refusals.Explain(ctx, err)
	case errors.Is(cause, terminals.ErrIdle):
		err = nil
		verdict.Status, verdict.Limit, verdict.Signal = protocol.StatusTimeout, protocol.LimitIdle, ""
	case cause != nil:
		err = cause
	}
	if verdict.Status == "" {
		return nil, err
	}
	x.ended(&verdict)
	return &verdict, err
}

// runOnTerminal waits for a cell, for a terminal that has its place, and runs the job
// in it.
func (s *Service) runOnTerminal(ctx context.Context, x *exchange, given api.TerminalRequest, terminal *nsjail.Terminal) (nsjail.Verdict, error) {
	began := time.Now()
	wait, stop := s.waiting(ctx, x)
	defer stop()
	verdict, err := s.runInCell(ctx, wait, x, given.Profile, given.Job, func(c cell, ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		return c.RunTerminal(ctx, job, terminal)
	})
	if !x.claimed.IsZero() && !errors.Is(err, refusals.ErrEpidemic) {
		x.timing = x.timed(time.Duration(x.timing.Queue)+x.claimed.Sub(began), verdict)
	}
	return verdict, err
}

// firstMessage waits for the first message. If the deadline passes or ctx ends, it
// closes the connection with a close frame that says so; a Read with ctx would send
// none.
func (s *Service) firstMessage(ctx context.Context, end context.CancelCauseFunc, c *terminals.Conn, x *exchange, held *line.Reservation) (api.TerminalRequest, error) {
	deadline := min(firstMessageDeadline, s.cfg.TTYIdle)
	late := api.Refuse(api.CodeInvalidRequest, "the first message did not come within %v", deadline)
	failed := func(err error) { end(err); _ = c.CloseNow() }
	timer := time.AfterFunc(deadline, func() {
		defer panics.Caught(failed)
		c.Farewell(nil, late)
	})
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.idles, func() {
		defer panics.Caught(failed)
		cancel(refusals.ErrDraining)
	})()
	stop := context.AfterFunc(ctx, func() {
		defer panics.Caught(failed)
		c.Farewell(nil, refusals.Explain(ctx, context.Cause(ctx)))
	})
	c.SetReadLimit(int64(s.cfg.MaxBody))
	kind, reader, err := c.Reader(c.Open)
	var message []byte
	if err == nil {
		message, err = bodies.ReadAll(reader, -1, int64(s.cfg.MaxBody), held.Grow)
	}
	switch {
	case panics.Is(context.Cause(ctx)):
		return api.TerminalRequest{}, refusals.Explain(ctx, err)
	case !timer.Stop():
		return api.TerminalRequest{}, late
	case !stop():
		return api.TerminalRequest{}, refusals.Explain(ctx, err)
	case errors.Is(err, line.ErrBytes), errors.Is(err, line.ErrPartyBytes):
		s.metrics.MemoryRefused()
		return api.TerminalRequest{}, refusals.Explain(ctx, err)
	case err != nil:
		return api.TerminalRequest{}, api.ErrClientGone
	case kind != websocket.MessageText:
		return api.TerminalRequest{}, api.Refuse(api.CodeInvalidRequest, "the first message must be a text message, with a JSON object")
	}
	var given api.TerminalRequest
	err = s.decode(ctx, x, message, func() (problem *api.Problem) {
		given, problem = api.DecodeTerminal(message, x.key.Narrow(s.cfg.AllProfiles()), x.key.Wall(s.cfg.TTYMaxWall))
		return problem
	})
	return given, err
}
