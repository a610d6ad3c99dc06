package jobs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// minFree is how much of its disk the engine leaves free of new jobs: for the answers of
// those that it has, and for what it writes about them.
const minFree = 32 << 20

// pause is how long it takes until something that failed is tried again.
const pause = time.Second

// embedded is the engine in this process. JetStream never writes to a stream again whose
// disk was full once, and leaves those who publish without an answer. So when it says
// that something is wrong, it is examined, and if it cannot write it is started again as
// soon as there is room. What was acknowledged is on disk. Connections come back by
// themselves.
type embedded struct {
	engine *Engine
	failed atomic.Bool   // it does not write
	said   chan struct{} // gets a value when it has logged an error
	ended  context.Context
	end    context.CancelFunc
	tended sync.WaitGroup

	mu     sync.Mutex // guards server
	server *server.Server
}

// errFailed is why nothing is stored while the engine does not write.
var errFailed = errors.New("the engine cannot write to its disk, and starts again when it can")

// newEmbedded starts the engine. Nothing listens: only this process reaches it.
func newEmbedded(e *Engine) (*embedded, error) {
	m := &embedded{engine: e, said: make(chan struct{}, 1)}
	m.ended, m.end = context.WithCancel(context.Background())
	return m, m.start()
}

func (m *embedded) start() error {
	cfg := m.engine.cfg
	made, err := server.NewServer(&server.Options{
		ServerName: "hotcell", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: cfg.Dir, JetStreamMaxStore: cfg.MaxBytes, JetStreamMaxMemory: maxMemory,
		SyncAlways: true, // an acknowledged job is on disk
	})
	if err != nil {
		return err
	}
	made.SetLogger(engineLog{cfg.Log, m.suspect}, false, false)
	made.Start()
	m.mu.Lock()
	m.server = made
	m.mu.Unlock()
	if !made.ReadyForConnections(startTime) {
		return errors.New("the engine does not start")
	}
	return nil
}

// InProcessConn connects to the engine that runs now.
func (m *embedded) InProcessConn() (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.server.InProcessConn()
}

func (m *embedded) stop() {
	m.mu.Lock()
	running := m.server
	m.mu.Unlock()
	if running == nil { // it could not be made
		return
	}
	running.Shutdown()
	running.WaitForShutdown()
}

func (m *embedded) close() {
	m.end()
	m.tended.Wait()
	m.stop()
}

// suspect has the engine examined. It does not wait.
func (m *embedded) suspect() {
	select {
	case m.said <- struct{}{}:
	default:
	}
}

// broken returns why the engine does not write, or nil.
func (m *embedded) broken() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if health := m.server.Healthz(nil); health.Status != "ok" {
		return errors.New(health.Error)
	}
	return nil
}

// tend starts the engine again when it has failed, until it is closed.
func (m *embedded) tend() {
	for {
		select {
		case <-m.said:
		case <-m.ended.Done():
			return
		}
		err := m.broken()
		if err == nil { // its health does not tell when only messages could not be removed
			err = hasRoom(m.engine.cfg.Dir)
		}
		if err == nil {
			continue
		}
		m.failed.Store(true)
		m.engine.cfg.Log.Error("jobs wait: the engine cannot write, and starts again when there is room", "error", err)
		for err := errFailed; err != nil; {
			select {
			case <-time.After(pause):
			case <-m.ended.Done():
				return
			}
			if err = hasRoom(m.engine.cfg.Dir); err == nil {
				err = m.restart()
			}
			if err != nil {
				m.engine.cfg.Log.Debug("jobs wait", "error", err)
			}
		}
		m.failed.Store(false)
		m.engine.cfg.Log.Info("the engine of jobs writes again")
	}
}

func (m *embedded) restart() error {
	m.stop()
	if err := m.start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(m.ended, startTime)
	defer cancel()
	if err := m.engine.connected(ctx); err != nil {
		return err
	}
	return errors.Join(m.engine.consume(ctx), m.broken())
}

// hasRoom reports whether the disk of a directory has room for another job.
func hasRoom(dir string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("look at the disk of %s: %w", dir, err)
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); free < minFree { // #nosec G115 -- a disk's size fits
		return fmt.Errorf("%w: %s has %d bytes free on its disk, and new jobs are taken from %d on", ErrFull, dir, free, minFree)
	}
	return nil
}
