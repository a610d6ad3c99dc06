// Package budget divides the memory that the service may take among what it holds
// for its clients. It is arithmetic: package line keeps the counters.
package budget

import (
	"fmt"
	"runtime"
)

const (
	// base is what an idle service takes: its program, the runtime, metrics, and
	// what it keeps for each profile.
	base = 96 << 20
	// waitingBytes is what a request takes that has a goroutine, a connection and
	// headers, and nothing of what is counted.
	waitingBytes = 48 << 10
	// connectionBytes is what a connection takes without a request: some 20 KiB
	// while it is idle, and the headers that are being received.
	connectionBytes = 20<<10 + MaxHeaderBytes

	// MaxHeaderBytes bounds the headers of a request.
	MaxHeaderBytes = 16 << 10

	// BodyCopies is how often a body is held: as it came, and what was decoded
	// from it.
	BodyCopies = 2
	// MCPCopies is by how much more a body of /mcp counts: its messages are decoded
	// and encoded several times on their way. MCPAnswerCopies is the same for what
	// its tools get.
	MCPCopies       = 7
	MCPAnswerCopies = 4
	// namesCopies is how many times the size of a body the table of its names may
	// take while it is read: see jsonscan.Names.
	namesCopies = 3
)

// Default is the figure where nothing else is said: this, or half of the memory
// that there is.
const Default = 2 << 30

// Settings are what is asked for. All sizes are in bytes.
type Settings struct {
	Memory      int64 // the figure; 0: up to half of Available
	Available   int64 // of the machine, or of the cgroup that limits it
	Body        int64 // the largest
	Bodies      int64 // of all requests, at most
	Answer      int64 // what a request with the default limits holds
	Waiting     int   // requests in line and running
	Connections int   // at a time; 0: as many as a sixth of the figure holds
	Turns       int   // bodies that are decoded at a time
}

// Budget is what each part may take, in bytes.
type Budget struct {
	Figure  int64 // the service's memory does not pass it
	Bodies  int64 // of requests, as they come
	Answers int64 // what is held for requests that run, until their answers are written

	Connections int // for which there is room
}

// outside is what a process takes that Go's runtime does not count: the program
// itself, and what the kernel keeps for its connections.
const outside = 48 << 20

// CollectorLimit is for [debug.SetMemoryLimit].
func (b Budget) CollectorLimit() int64 { return b.Figure - outside }

// LeastBodies is what one largest body takes.
func LeastBodies(body int64) int64 { return MCPCopies * body }

// Divide makes a budget. The error says how much is needed at least, where less
// was asked for. Where nothing was, the figure is at least that, whatever is
// available.
//
// A quarter of the figure is for the garbage collector: it runs the more often the
// less of that is left.
func Divide(s Settings) (Budget, error) {
	fixed := int64(base) + int64(s.Waiting)*waitingBytes + int64(s.Connections)*connectionBytes + int64(s.Turns)*namesCopies*s.Body
	least := fixed + BodyCopies*LeastBodies(s.Body) + 2*s.Answer
	if s.Connections > 0 {
		least = least / 3 * 4 // and a quarter
	} else {
		least = least / 7 * 12 // a quarter and a sixth
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

// Turns is how much work on clients' bytes is done at a time. Of several parties none has
// more than half of them.
func Turns() int { return min(max(2, runtime.GOMAXPROCS(0)), 4) }
