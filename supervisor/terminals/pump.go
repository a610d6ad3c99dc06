package terminals

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/api"
)

const (
	maxTerminalMessage = 64 << 10 // later messages of the client
	// inputQueue is how many input messages wait here until the kernel takes them.
	// The kernel itself holds some 70 KiB.
	inputQueue = 8
	// stallDeadline is how long the pump waits for the script to read its input.
	// Meanwhile it reads nothing from the client, and cannot notice that the client
	// leaves.
	stallDeadline = 30 * time.Second
	pingEvery     = 30 * time.Second
	pingDeadline  = stallDeadline + 15*time.Second // while the pump stalls it does not read the client's answer
)

// ErrIdle is why the run of an idle terminal ends.
var ErrIdle = errors.New("nothing came or went for too long")

// Terminal is what a pump needs of a terminal; [nsjail.Terminal] is the real one.
type Terminal interface {
	io.ReadWriter
	Signal(name string) error
	Resize(columns, rows uint16) error
}

// Pump moves bytes between a WebSocket and a terminal, unchanged. It holds only a few
// messages: if one side does not read, the other side waits.
type Pump struct {
	*Conn
	terminal Terminal
	end      context.CancelCauseFunc // ends the run
	idle     time.Duration
	began    time.Time
	moved    atomic.Int64 // when bytes were last moved, in nanoseconds since began
	input    chan []byte
	shown    chan struct{} // closed when all output has been sent
	valve    valve         // for the output
}

// StartPump starts a pump. The pump calls end if the run must end: with
// api.ErrClientGone, ErrIdle, or an [api.Problem].
func StartPump(c *Conn, terminal Terminal, end context.CancelCauseFunc, idle time.Duration) *Pump {
	p := &Pump{
		Conn: c, terminal: terminal, end: end, idle: idle, began: time.Now(),
		input: make(chan []byte, inputQueue), shown: make(chan struct{}),
	}
	p.touch()
	c.SetReadLimit(maxTerminalMessage)
	for _, work := range []func(){p.showOutput, p.readMessages, p.typeInput, p.ping, p.watchIdle} {
		c.readers.Go(func() {
			defer panics.Caught(end)
			work()
		})
	}
	return p
}

// Finish returns when the client has got all output of the run, or does not take it
// in time.
func (p *Pump) Finish() {
	late := time.AfterFunc(lastWordsDeadline, func() { _ = p.CloseNow() })
	defer late.Stop()
	<-p.shown
}

func (p *Pump) touch() { p.moved.Store(int64(time.Since(p.began))) }

// watchIdle ends the run when no bytes have moved for too long.
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

// showOutput sends what the cell writes, until the cell has ended.
func (p *Pump) showOutput() {
	defer close(p.shown)
	buffer := make([]byte, 16<<10)
	for {
		n, err := p.terminal.Read(buffer)
		if err != nil {
			return
		}
		p.touch()
		p.valve.wait()
		// While the client does not take the output, nothing more is read, and the
		// script's next write blocks.
		if p.Write(p.Open, websocket.MessageBinary, buffer[:n]) != nil {
			p.end(api.ErrClientGone)
			return
		}
	}
}

// readMessages reads the client's messages. Signals and sizes overtake input.
func (p *Pump) readMessages() {
	defer close(p.input)
	defer p.valve.leave()
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
		switch {
		case given.Output == api.OutputPause:
			p.valve.pause()
		case given.Output == api.OutputResume:
			p.valve.resume()
		case given.Signal != "":
			err = p.terminal.Signal(given.Signal)
		default:
			err = p.terminal.Resize(given.Columns, given.Rows)
		}
		if err != nil {
			p.end(api.Internal(err))
			return
		}
	}
}

// queue passes input to typeInput, and waits while the queue is full. It reports
// false when the pump must stop.
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

// typeInput writes the queue to the terminal. It drops input after the end.
func (p *Pump) typeInput() {
	ended := false
	for message := range p.input {
		if !ended {
			_, err := p.terminal.Write(message)
			ended = err != nil
		}
	}
}

// ping detects a client that has left without closing the connection. It does not
// ping a client that takes output: the ping would wait behind that output.
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

// isReading reports whether a client has taken output between two pings, given the
// number of bytes that it had taken before and after. A ping adds to that number,
// too, since the client's kernel takes it even if the client itself hangs.
func isReading(before, after uint64) bool { return after >= before+4<<10 }
