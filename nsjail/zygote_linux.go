package nsjail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/undo"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/program"
	"github.com/hotcell/hotcell/nsjail/threads"
	"github.com/hotcell/hotcell/nsjail/wire"
	"github.com/hotcell/hotcell/protocol"
)

// zygote is the Python in a jail as the supervisor sees it. In spawn mode exec it is the
// interpreter that becomes a cell.
//
// When a zygote dies, [Jail.Done] is closed and its cells die with it. What follows, a new
// jail, is in supervisor/cells/generation.go.
type zygote struct {
	program *program.Program
	control *net.UnixConn // SOCK_SEQPACKET: a packet is a frame
	hello   protocol.Hello
	pid     int // on the host
	// terminals is a directory with ptmx, see [Jail.OpenTerminal]. The caller of
	// startZygote closes it.
	terminals *os.File
	silent    chan struct{} // closed when nothing more comes from it
	moved     chan error    // answers to SNAPSHOT
	cgroups   int           // how many a cell enters, if it may make cells by machine code
	loops     atomic.Bool   // it makes cells by machine code

	mu    sync.Mutex             // guards what follows; nothing slow happens under it
	asked map[uint64]chan answer // SPAWNs without SPAWNED
	cells map[uint64]*Cell       // those whose EXITED has not come
	ended error                  // set once: why it has ended
}

// answer is what came of a SPAWN.
type answer struct {
	pidfd int
	err   error
}

// startZygote starts nsjail and exchanges START and HELLO. It returns when everything is
// imported, or when ctx ends. The caller kills the zygote.
func startZygote(ctx context.Context, host *Host, path string, cfg program.Config, start protocol.Start) (*zygote, error) {
	control, fd, err := wire.Pair(unix.SOCK_SEQPACKET)
	if err != nil {
		return nil, err
	}
	far := os.NewFile(uintptr(fd), "control") // #nosec G115 -- a descriptor
	defer far.Close()
	started, err := program.Start(path, cfg, far, host.log)
	if err != nil {
		_ = control.Close()
		return nil, err
	}
	_ = far.Close() // otherwise the end of the jail's copy would not show
	z := &zygote{program: started, control: control, asked: make(map[uint64]chan answer), cells: make(map[uint64]*Cell), silent: make(chan struct{}), moved: make(chan error, 1)}
	var back undo.Stack
	defer back.Run()
	back.Add(z.kill)
	stop := context.AfterFunc(ctx, func() { _ = control.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	packet, err := protocol.EncodeMessage(protocol.TypeStart, start, protocol.MaxControlBytes)
	if err != nil {
		return nil, err
	}
	// If nsjail has ended already, reading shows it, with its last words.
	if _, err := control.Write(packet); err != nil && !errors.Is(err, unix.EPIPE) {
		return nil, z.because(fmt.Errorf("send START: %w", err))
	}
	packets := wire.NewPackets(control)
	kind, payload, fds, err := packets.Read()
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("waiting for HELLO: %w", ctx.Err())
		}
		return nil, z.because(err)
	}
	defer func() { wire.CloseAll(fds) }()
	switch {
	case kind == protocol.TypeFailed:
		return nil, z.because(wire.Failure(payload))
	case kind == protocol.TypeExited:
		return nil, z.because(wire.ErrHungUp)
	case kind != protocol.TypeHello || len(fds) != 2:
		return nil, fmt.Errorf("%s with %d descriptors instead of HELLO with two", kind, len(fds))
	}
	z.terminals = os.NewFile(uintptr(fds[1]), "terminals") // #nosec G115 -- a descriptor
	fds = fds[:1]
	back.Add(func() { _ = z.terminals.Close() })
	if err := protocol.DecodeMessage(kind, payload, &z.hello); err != nil {
		return nil, err
	}
	if z.hello.Protocol != protocol.Version {
		return nil, fmt.Errorf("the worker speaks protocol %d instead of %d", z.hello.Protocol, protocol.Version)
	}
	if z.pid, err = kernfs.PIDOf(fds[0]); err != nil {
		return nil, err
	}
	kernfs.Offer(z.pid, kernfs.KilledSecond)
	if start.Mode == protocol.ModeFork {
		if err := threads.Check(z.pid, z.hello.Threaded); err != nil {
			return nil, err
		}
	}
	back.Keep()
	go z.receive(packets)
	return z, nil
}

// kill ends the jail and everything in it, and waits for its end.
func (z *zygote) kill() {
	z.program.Kill()
	_ = z.control.Close()
}

// because adds to an error what the jail wrote to its stderr: there nsjail says which of
// its steps failed.
func (z *zygote) because(err error) error {
	if errors.Is(err, wire.ErrHungUp) {
		err = fmt.Errorf("%w: %s", err, z.program.Ending())
	}
	if said := z.program.Said(); said != "" {
		return fmt.Errorf("%w\nthe jail said:\n%s", err, said)
	}
	return err
}

// spawn sends SPAWN, waits for SPAWNED and returns the cell's pidfd, which the caller
// closes. far has the cell's ends of its channel, stdout and stderr.
func (z *zygote) spawn(ctx context.Context, message protocol.Spawn, cell *Cell, far []int) (int, error) {
	packet, err := protocol.EncodeMessage(protocol.TypeSpawn, message, protocol.MaxControlBytes)
	if err != nil {
		return -1, err
	}
	reply := make(chan answer, 1)
	z.mu.Lock()
	if z.ended != nil {
		defer z.mu.Unlock()
		return -1, z.ended
	}
	z.asked[message.Cell], z.cells[message.Cell] = reply, cell
	z.mu.Unlock()
	if _, _, err := z.control.WriteMsgUnix(packet, unix.UnixRights(far...), nil); err != nil {
		z.forget(message.Cell)
		return -1, fmt.Errorf("send SPAWN: %w", err)
	}
	select {
	case got := <-reply:
		return got.pidfd, got.err
	case <-ctx.Done():
		z.forget(message.Cell)
		select {
		case got := <-reply: // it came in the meantime
			if got.err == nil {
				_ = unix.Close(got.pidfd)
			}
		default:
		}
		return -1, fmt.Errorf("waiting for SPAWNED: %w", context.Cause(ctx))
	}
}

func (z *zygote) forget(cell uint64) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if forgotten := z.cells[cell]; forgotten != nil {
		close(forgotten.exited)
	}
	delete(z.asked, cell)
	delete(z.cells, cell)
}

// receive reads what the zygote sends until it hangs up, and then ends it.
func (z *zygote) receive(packets *wire.Packets) {
	var err error
	for err == nil {
		var kind protocol.Type
		var payload []byte
		var fds []int
		if kind, payload, fds, err = packets.Read(); err == nil {
			err = z.dispatch(kind, payload, fds)
		}
	}
	close(z.silent)
	z.kill()
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.ended == nil {
		z.ended = err
	}
	for _, reply := range z.asked {
		reply <- answer{err: z.ended}
	}
	for _, cell := range z.cells {
		close(cell.exited)
	}
	clear(z.asked)
	clear(z.cells)
}

func (z *zygote) dispatch(kind protocol.Type, payload []byte, fds []int) error {
	defer func() { wire.CloseAll(fds) }()
	switch kind {
	case protocol.TypeSpawned, protocol.TypeSpawn:
		var spawned protocol.Spawn
		if err := protocol.DecodeMessage(kind, payload, &spawned); err != nil {
			return err
		}
		if len(fds) != 1 { // the cell ends when its channel is closed, which spawn's caller does
			z.reply(spawned.Cell, answer{err: fmt.Errorf("SPAWNED came without a pidfd: %w", unix.EMFILE)})
			return nil
		}
		if z.reply(spawned.Cell, answer{pidfd: fds[0]}) {
			fds = nil
		}
	case protocol.TypeFailed:
		var failed protocol.Failed
		if err := protocol.DecodeMessage(kind, payload, &failed); err != nil {
			return err
		}
		if failed.Cell == 0 {
			z.answerSnapshot(wire.Failure(payload))
			return nil
		}
		z.reply(failed.Cell, answer{err: fmt.Errorf("%s: %s", failed.Step, failed.Error)})
	case protocol.TypeSnapshot:
		var answer protocol.Snapshot
		if err := protocol.DecodeMessage(kind, payload, &answer); err != nil {
			return err
		}
		z.loops.Store(answer.Loop)
		z.answerSnapshot(nil)
	case protocol.TypeExited:
		var exited protocol.Exited
		if err := protocol.DecodeMessage(kind, payload, &exited); err != nil {
			return err
		}
		z.exited(exited)
	default:
		return fmt.Errorf("%s from a zygote", kind)
	}
	return nil
}

func (z *zygote) reply(cell uint64, got answer) bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	reply, ok := z.asked[cell]
	delete(z.asked, cell)
	if ok {
		reply <- got
	}
	return ok
}

// exited passes on how a cell ended. Cell 0 is the zygote itself, which in spawn mode
// exec is the only cell.
func (z *zygote) exited(exited protocol.Exited) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if exited.Cell == 0 && z.ended == nil {
		z.ended = fmt.Errorf("the zygote ended with %s", wire.DescribeExit(exited))
	}
	for id, cell := range z.cells {
		if id == exited.Cell || exited.Cell == 0 && cell.ownZygote {
			cell.exited <- exited
			close(cell.exited)
			delete(z.cells, id)
		}
	}
}
