package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/internal/panics"
)

const (
	mostFrame     = 2 << 20 // bytes; a cell has at most 1 MiB, before it is escaped
	mostWaiting   = 256     // requests of one WebSocket
	waitingBytes  = 4 << 20 // of their frames
	frameCopies   = 7       // of a frame that is decoded, told again and passed on
	readPiece     = 32 << 10
	longestReason = 120              // bytes, of a close frame
	sendDeadline  = 30 * time.Second // for a client to take one message
	restartTakes  = 10 * time.Second
	watchEvery    = 30 * time.Second
	watchDeadline = sendDeadline + 15*time.Second // a ping waits behind a message
)

// socket is one WebSocket of a kernel. Four goroutines use it: one reads, one serves the
// requests in line, one watches for a client or a kernel that is gone, and one closes it.
type socket struct {
	conn    *websocket.Conn
	caller  *compat.Caller
	id      string // of the kernel's session
	profile string // likewise
	v1      bool

	life context.Context // ends with the WebSocket, the service, or the key
	end  context.CancelCauseFunc
	// asks is of what is asked of hotcell. It ends with life, but as that of a client that
	// hangs up: then a cell is interrupted, and not killed.
	asks context.Context

	all *sockets

	line    chan waiting // what came on the shell channel
	waiting atomic.Int64 // bytes of the frames in line

	deadline time.Duration // for the client to take a message
	sending  sync.Mutex    // one message at a time
	sent     int           // messages; sending must be held

	// Only the goroutine that serves the requests uses these.
	aborting  int       // how many of the requests in line a failed cell has aborted
	uncounted int       // calls of the session that were no cells
	created   time.Time // when the session was made that has them
}

// waiting is a request in line. done gives its memory back.
type waiting struct {
	*request
	caller *compat.Caller
	bytes  int64
	done   func()
}

var (
	errOver = errors.New("the kernel has ended")
	errEnds = errors.New("the server is shutting down")
	errMany = fmt.Errorf("too many requests wait: at most %d, of %d bytes", mostWaiting, waitingBytes)
)

// sockets are the open WebSockets of each kernel, so that they end with it.
type sockets struct {
	mu   sync.Mutex
	open map[string][]*socket // by nameOf
}

// nameOf names a kernel among those of all keys.
func nameOf(c *compat.Caller, session *client.Session) string { return session.ID() + " " + c.Owner() }

func (all *sockets) add(name string, s *socket) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.open[name] = append(all.open[name], s)
}

func (all *sockets) remove(name string, s *socket) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.open[name] = slices.DeleteFunc(all.open[name], func(other *socket) bool { return other == s })
	if len(all.open[name]) == 0 {
		delete(all.open, name)
	}
}

// endEverywhere ends the WebSockets of a kernel that was shut down, on all nodes.
func (all *sockets) endEverywhere(c *compat.Caller, session *client.Session) {
	name := nameOf(c, session)
	all.end(name)
	c.Tell(name)
}

// end ends those that this node has.
func (all *sockets) end(name string) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, s := range all.open[name] {
		s.end(errOver)
	}
}

// serveChannels serves a kernel's channels over a WebSocket until it ends.
func (all *sockets) serveChannels(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, state, err := find(r, c)
	if err != nil {
		return err
	}
	if r.ContentLength != 0 { // after the upgrade, a body would be read as frames
		return compat.Refuse(client.CodeInvalidRequest, "an upgrade request must not have a body")
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocolV1}})
	if err != nil { // Accept has answered
		return compat.Refuse(client.CodeInvalidRequest, "the upgrade failed: %v", err)
	}
	conn.SetReadLimit(mostFrame)
	live, stop := c.Live(r.Context())
	defer stop()
	s := &socket{conn: conn, deadline: sendDeadline, caller: c, all: all, id: session.ID(), profile: state.Profile, v1: conn.Subprotocol() == protocolV1, line: make(chan waiting, mostWaiting)}
	s.life, s.end = context.WithCancelCause(live)
	asks, hangUp := context.WithCancel(live)
	defer context.AfterFunc(s.life, hangUp)()
	s.asks = asks
	name := nameOf(c, session)
	all.add(name, s)
	defer all.remove(name, s)
	var users sync.WaitGroup
	defer func() { _ = conn.CloseNow() }() // leave has closed it
	for _, work := range []func(){s.serve, s.watch, s.leave} {
		users.Go(func() {
			defer panics.Caught(s.end)
			work()
		})
	}
	func() {
		defer panics.Caught(s.end)
		s.end(s.read())
	}()
	users.Wait()
	for len(s.line) > 0 {
		(<-s.line).done()
	}
	if why := context.Cause(s.life); panics.Is(why) {
		return why
	}
	return nil
}

// leave closes the connection, with a reason, once the socket's life has ended.
func (s *socket) leave() {
	<-s.life.Done()
	why := context.Cause(s.life)
	code := websocket.StatusGoingAway
	if errors.Is(why, errMany) || errors.Is(why, errMessage) {
		code = websocket.StatusPolicyViolation
	}
	reason := why.Error()
	if panics.Is(why) {
		code, reason = websocket.StatusInternalError, "the server failed"
	}
	_ = s.conn.Close(code, strings.ToValidUTF8(reason[:min(len(reason), longestReason)], "")) // fails if the client is gone
}

var errMessage = errors.New("invalid message")

// read takes the client's messages, until the connection ends or one is refused.
func (s *socket) read() error {
	for {
		kind, reader, err := s.conn.Reader(context.Background()) // leave ends it
		if err != nil {
			return err
		}
		part, done := s.caller.Part()
		frame, err := readFrame(reader, part)
		if err != nil {
			done()
			return err
		}
		got, err := decode(kind, frame, s.v1)
		switch {
		case err != nil:
			done()
			return fmt.Errorf("%w: %w", errMessage, err)
		case got == nil:
			done()
		case got.Channel == "control":
			s.control(waiting{got, part, 0, done})
		case got.Channel != "shell": // an answer on stdin: nothing is ever asked there
			done()
		case len(s.line) == mostWaiting || s.waiting.Load()+int64(len(frame)) > waitingBytes:
			done()
			return errMany
		default:
			s.waiting.Add(int64(len(frame)))
			s.line <- waiting{got, part, int64(len(frame)), done} // only this goroutine fills it
		}
	}
}

// readFrame reads a frame, and counts its memory.
func readFrame(from io.Reader, part *compat.Caller) ([]byte, error) {
	var frame []byte
	for piece := make([]byte, readPiece); ; {
		n, err := from.Read(piece)
		if n > 0 {
			if err := part.Hold(int64(frameCopies * n)); err != nil {
				return nil, err
			}
			frame = append(frame, piece[:n]...)
		}
		if errors.Is(err, io.EOF) {
			return frame, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// serve answers what is in line, one request after the other. When the service ends, the
// one that is being answered is the last.
func (s *socket) serve() {
	for {
		select {
		case <-s.caller.Ending():
			s.end(errEnds)
			return
		default:
		}
		select {
		case <-s.life.Done():
			return
		case <-s.caller.Ending():
		case w := <-s.line:
			s.waiting.Add(-w.bytes)
			func() {
				defer w.done()
				s.answer(w)
			}()
		}
	}
}

// watch notices that the client has left without a word, or that the kernel has ended without
// one: by its time, with its node, or by another API.
func (s *socket) watch() {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(s.asks, watchDeadline)
		err := s.conn.Ping(ctx)
		if err == nil {
			err = s.lookAfter(ctx)
		}
		cancel()
		if err != nil {
			s.end(err)
			return
		}
	}
}

// lookAfter returns errOver if the kernel has been shut down. For a moment, one that is
// restarted looks so, too.
func (s *socket) lookAfter(ctx context.Context) error {
	part, done := s.caller.Part()
	defer done()
	for range 2 {
		if _, err := s.session(part).State(ctx); !ended(err) || died(err) {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(restartTakes):
		}
	}
	s.send("iopub", "status", map[string]string{"execution_state": "dead"}, nil)
	return errOver
}

// session returns the kernel's session, for one caller.
func (s *socket) session(c *compat.Caller) *client.Session {
	session, err := c.Client().Session(s.id)
	if err != nil {
		panic(err) // it was checked when the WebSocket began
	}
	return session
}

// send sends a message. A client that does not take it in time is cut off.
func (s *socket) send(channel, kind string, content any, parent *header) {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.sent++
	frameKind, frame, err := encode(newMessage(channel, kind, content, parent, fmt.Sprintf("%s_%d", s.id, s.sent)), s.v1)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), s.deadline)
		defer cancel()
		err = s.conn.Write(ctx, frameKind, frame)
	}
	if err != nil {
		s.end(fmt.Errorf("send a message: %w", err))
	}
}
