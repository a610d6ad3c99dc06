// Package budget divides the memory that the service may use among the things it
// holds for its clients. It only does the arithmetic; package line keeps the
// counters.
//
//	budget.go  Divide: the parts, and the settings that they follow from
//	answer.go  what one answer may hold
//	freed.go   Freed: large memory is collected soon
package budget

import (
	"fmt"
	"runtime"
)

const (
	// base is the memory of an idle service: its program, the runtime, metrics, and
	// the state of each profile.
	base = 96 << 20
	// WaitingBytes is the memory of a request apart from what is counted: its
	// goroutine, connection and headers.
	WaitingBytes = 48 << 10
	// connectionBytes is the memory of a connection without a request: some 20 KiB
	// while it is idle, and the headers that are being received.
	connectionBytes = 20<<10 + MaxHeaderBytes

	// MaxHeaderBytes bounds the headers of a request.
	MaxHeaderBytes = 16 << 10

	// BodyCopies is how often a body is held: as received, and decoded.
	BodyCopies = 2
	// RelayedCopies is the factor by which a body counts more that is sent to an API on
	// top of hotcell's own, as /mcp is, because it is decoded and encoded several times.
	// RelayedAnswerCopies is the same for the answers that such an API receives.
	RelayedCopies       = 7
	RelayedAnswerCopies = 4
	// CompatBytes is the memory of a request to a drop-in API besides its body and its
	// answers: it is a second request, inside.
	CompatBytes = 64 << 10
	// namesCopies is the maximum size of the table of a body's names while it is
	// parsed, as a multiple of the body's size: see jsonscan.Names.
	namesCopies = 3
)

// Default is the total if none is configured and half of the available memory is
// not less.
const Default = 2 << 30

// Settings are the inputs of Divide. All sizes are in bytes.
type Settings struct {
	Memory      int64 // the total; 0: Default, at most half of Available
	Available   int64 // the memory of the machine, or of the cgroup that limits it
	Body        int64 // the largest body
	Bodies      int64 // the maximum for all bodies
	Answer      int64 // the memory of an answer with the default limits
	Waiting     int   // waiting and running requests
	Connections int   // at a time; 0: as many as fit into a sixth of the total
	Turns       int   // bodies decoded at a time
}

// A Budget is the maximum size of each part, in bytes.
type Budget struct {
	Figure  int64 // the total, which the service's memory does not exceed
	Bodies  int64 // of requests, as received
	Answers int64 // held for running requests until their answers are written

	Connections int // the number of connections that fit
}

// outside is the memory that Go's runtime does not count: the program itself, and
// the kernel's memory for its connections.
const outside = 48 << 20

// CollectorLimit returns the limit of the garbage collector's heap.
func (b Budget) CollectorLimit() int64 { return b.Figure - outside }

// LeastBodies returns the memory that one body of the largest size needs.
func LeastBodies(body int64) int64 { return RelayedCopies * body }

// Divide returns a budget. If the configured total is too small, the error states
// the minimum. If none is configured, the total is at least that minimum, however
// much memory is available.
//
// A quarter of the total is for the garbage collector: the less of it is left, the
// more often it runs.
func Divide(s Settings) (Budget, error) {
	fixed := int64(base) + int64(s.Waiting)*WaitingBytes + int64(s.Connections)*connectionBytes + int64(s.Turns)*namesCopies*s.Body
	least := fixed + BodyCopies*LeastBodies(s.Body) + 2*s.Answer
	if s.Connections > 0 {
		least = least / 3 * 4 // plus a quarter
	} else {
		least = least / 7 * 12 // plus a quarter and a sixth
	}
	figure := s.Memory
	if figure == 0 {
		figure = max(least, min(Default, s.Available/2))
	}
	if figure < least {
		return Budget{}, fmt.Errorf("must be at least %d bytes, for the other settings", least)
	}
	if s.Connections == 0 {
		s.Connections = int(figure / 6 / connectionBytes)
		fixed += figure / 6
	}
	rest := figure/4*3 - fixed
	b := Budget{Figure: figure, Bodies: min(s.Bodies, max(LeastBodies(s.Body), rest/2/BodyCopies)), Connections: s.Connections}
	b.Answers = rest - BodyCopies*b.Bodies
	return b, nil
}

// Turns returns how many bodies and results are parsed at a time. With several
// parties, none has more than half of the turns.
func Turns() int { return min(max(2, runtime.GOMAXPROCS(0)), 4) }
