package supervisor

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
)

const (
	// runBytes is what a running request takes beside what is counted exactly: its
	// goroutines, the buffers of its pipes, the one of its answer.
	runBytes = 384 << 10
	// terminalBytes is what a terminal takes: queues of both sides.
	terminalBytes = 2 << 20
	// pathBytes is what the heads of the files may take that a request collects.
	pathBytes = nsjail.MaxCollectedFiles * (protocol.MaxPathBytes + 1<<10)
	// envBytes is what a byte of the environment becomes on its way into the cell.
	envBytes = 6
)

// cost is what may be held for a request from the hand-over of its job until the
// last byte of its answer is written, as its own limits allow.
func cost(job nsjail.Job) line.Cost {
	l := job.Limits
	bytes := runBytes + 2*l.OutputBytes/4*5 + l.ResultBytes + protocol.MaxHeadBytes // output grows by steps: see nsjail
	if len(job.Collect) > 0 {
		bytes += l.FilesBytes + pathBytes
	}
	for name, value := range job.Env {
		bytes += envBytes * int64(len(name)+len(value))
	}
	return line.Cost{Bytes: bytes}
}

// held is what is left of that when the script has ended.
func (r *reply) held() int64 {
	v := &r.verdict
	bytes := int64(runBytes + cap(v.Stdout) + cap(v.Stderr) + cap(v.Result))
	for _, file := range v.Files {
		bytes += int64(cap(file.Content) + protocol.MaxPathBytes + 1<<10)
	}
	if v.Error != nil {
		bytes += int64(len(v.Error.Message) + len(v.Error.Traceback))
	}
	return bytes
}

// Memory divides what the service may take. The error says what is wrong with the
// setting max_memory.
func (c Config) Memory() (budget.Budget, error) {
	answer := int64(0)
	for _, p := range c.profiles() {
		answer = max(answer, cost(nsjail.Job{Limits: p.Default, Collect: []string{"*"}}).Bytes)
	}
	b, err := budget.Divide(budget.Settings{
		Memory: int64(c.MaxMemory), Available: availableMemory(), Body: int64(c.MaxBody), Bodies: int64(c.MaxBodies), Answer: answer,
		Waiting: c.MaxRunning + c.MaxWaiting, Connections: c.MaxConnections, Turns: turns(),
	})
	if err != nil {
		return b, fmt.Errorf("max_memory = %q (%s): %w", c.MaxMemory, c.originOf(c.Profile, "max_memory"), err)
	}
	return b, nil
}

// turnBytes is from which size on work on a client's bytes takes turns: less is
// done before anybody notices.
const turnBytes = 64 << 10

// turns is how much of such work is done at a time. Of several parties none has
// more than half of them.
func turns() int { return min(max(2, runtime.GOMAXPROCS(0)), 4) }

// newTurns is the line for work on clients' bytes in this process: reading a body,
// checking a result.
func newTurns() *line.Line {
	return line.New(line.Config{Places: turns(), Waiting: math.MaxInt, Bytes: math.MaxInt64, Reserved: math.MaxInt64})
}

// turn does work on so many bytes of a client's, at once where they are few, and
// else when it is his turn: so that one who sends large arguments does not take the
// processors from all others. The error is why ctx ended.
func (s *Service) turn(ctx context.Context, x *exchange, bytes int, work func()) error {
	if bytes >= turnBytes {
		party := line.Unbounded(x.party.Name)
		party.Weight = x.party.Weight
		if x.party.Name != "" { // there may be others
			party.MaxRunning = turns() / 2
		}
		ticket, err := s.turns.Enter(ctx, party, line.Cost{})
		if err != nil {
			return err
		}
		defer ticket.Leave()
	}
	work()
	return nil
}
