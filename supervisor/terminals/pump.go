package terminals

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/supervisor/api"
)

const (
	maxTerminalMessage = 64 << 10 // from the client, after the first one
	// inputQueue is how many messages of input wait here for the kernel to take
	// them; it holds some 70 KiB itself.
	inputQueue = 8
	// stallDeadline is how long nothing is read from a client because its script
	// does not read either. The client cannot be heard leaving in that time.
	stallDeadline = 30 * time.Second
	pingEvery     = 30 * time.Second
	pingDeadline  = stallDeadline + 15*time.Second // a stalled client's answer is not read
)

// ErrIdle ends a run on whose terminal nothing came or went for too long.
var ErrIdle = errors.New("nothing came or went for too long")

// Terminal is what a pump needs of a terminal; [nsjail.Terminal] is the real one.
type Terminal interface {
	io.ReadWriter
	Signal(name string) error
	Resize(columns, rows uint16) error
}

// Pump moves bytes between a WebSocket and a terminal, as they are. Neither side
// can make it hold more than a few messages: who does not read makes the other
// wait.
type Pump struct {
	*Conn
	terminal Terminal
	end      context.CancelCauseFunc // ends the run
	idle     time.Duration
	began    time.Time
	moved    atomic.Int64 // when bytes last came or went, in nanoseconds since began
	input    chan []byte
	shown    chan struct{} // closed when all output is
}

// StartPump begins; end is called with why when the run must end: api.ErrClientGone,
// ErrIdle, or a *Problem.
func StartPump(c *Conn, terminal Terminal, end context.CancelCauseFunc, idle time.Duration) *Pump {
	p := &Pump{
		Conn: c, terminal: terminal, end: end, idle: idle, began: time.Now(),
		input: make(chan []byte, inputQueue), shown: make(chan struct{}),
	}
	p.touch()
	c.SetReadLimit(maxTerminalMessage)
	for _, work := range []func(){p.showOutput, p.readMessages, p.typeInput, p.ping, p.watchIdle} {
		c.readers.Go(work)
	}
	return p
}

// Finish returns when the client has got what was written until the end of the
// run, or does not take it in time.
func (p *Pump) Finish() {
	late := time.AfterFunc(lastWordsDeadline, func() { _ = p.CloseNow() })
	defer late.Stop()
	<-p.shown
}

func (p *Pump) touch() { p.moved.Store(int64(time.Since(p.began))) }

// watchIdle ends the run when nothing has moved for too long.
func (p *Pump) watchIdle() {
	timer := time.NewTimer(p.idle)
	defer timer.Stop()
	for {
		select {
		case <-p.Open.Done():
			return
		case <-timer.C:
		}
		left := p.idle - (time.Since(p.began) - time.Duration(p.moved.Load()))
		if left <= 0 {
			p.end(ErrIdle)
			return
		}
		timer.Reset(left)
	}
}

// showOutput passes on what the cell writes until it has ended.
func (p *Pump) showOutput() {
	defer close(p.shown)
	buffer := make([]byte, 16<<10)
	for {
		n, err := p.terminal.Read(buffer)
		if err != nil {
			return
		}
		p.touch()
		// While the client does not take it, nothing more is read, and the
		// script waits with its next write.
		if p.Write(p.Open, websocket.MessageBinary, buffer[:n]) != nil {
			p.end(api.ErrClientGone)
			return
		}
	}
}

// readMessages takes what the client sends. Signals and sizes overtake input.
func (p *Pump) readMessages() {
	defer close(p.input)
	for {
		kind, message, err := p.Read(p.Open)
		if err != nil {
			p.end(api.ErrClientGone)
			return
		}
		p.touch()
		if kind == websocket.MessageBinary {
			if !p.queue(message) {
				return
			}
			continue
		}
		given, problem := api.DecodeControl(message)
		if problem != nil {
			p.end(problem)
			return
		}
		if given.Signal != "" {
			err = p.terminal.Signal(given.Signal)
		} else {
			err = p.terminal.Resize(given.Columns, given.Rows)
		}
		if err != nil {
			p.end(api.Internal(err))
			return
		}
	}
}

// queue gives input to typeInput, and waits while that has enough.
func (p *Pump) queue(message []byte) bool {
	select {
	case p.input <- message:
		return true
	default:
	}
	stalled := time.NewTimer(stallDeadline)
	defer stalled.Stop()
	select {
	case p.input <- message:
		return true
	case <-stalled.C:
		p.end(api.Refuse(api.CodeTooLarge, "too much input: the script has not read any for %v", stallDeadline))
	case <-p.Open.Done():
	}
	return false
}

// typeInput writes the queue to the terminal. What comes after the end is
// dropped.
func (p *Pump) typeInput() {
	ended := false
	for message := range p.input {
		if !ended {
			_, err := p.terminal.Write(message)
			ended = err != nil
		}
	}
}

// ping finds out when the client is gone without a word. One that takes output is
// there, and is not asked: the ping would be behind what it has not taken yet.
func (p *Pump) ping() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	before := p.taken()
	for {
		select {
		case <-p.Open.Done():
			return
		case <-ticker.C:
		}
		after := p.taken()
		reads := isReading(before, after)
		before = after
		if reads {
			continue
		}
		ctx, cancel := context.WithTimeout(p.Open, pingDeadline)
		err := p.Ping(ctx)
		cancel()
		if err != nil {
			p.end(api.ErrClientGone)
			return
		}
	}
}

// isReading reports whether a client has taken output between two pings, by the
// number of bytes that it had taken before and after. Its kernel takes pings
// whatever becomes of the client itself.
func isReading(before, after uint64) bool { return after >= before+4<<10 }
