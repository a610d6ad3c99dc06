package conns

import (
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A client is not to blame for a handler that pauses between reads, only for what it
// waits for in them, however much has arrived before.
func TestTheClockOfABodyRunsOnlyWhileItIsRead(t *testing.T) {
	const gibibyte = 1 << 30
	for _, c := range []struct {
		name          string
		before        int           // bytes that have arrived
		pause         time.Duration // of the handler, before each read
		wait          time.Duration // of the client, before each piece of 1 KiB
		arrive, reads int           // how many of these reads succeed
	}{
		{"the handler pauses", 0, time.Hour, time.Second, 10, 10},
		{"the client waits too long at once", 0, 0, 31 * time.Second, 0, 1},
		{"the client waits too long in all", 0, 0, 20 * time.Second, 1, 10},
		{"the client waits too long in all, while the handler pauses", 0, time.Hour, 20 * time.Second, 1, 10},
		{"the client is as fast as it must be", 0, 0, 4 * time.Second, 100, 100},
		{"much has arrived", 100_000 * gibibyte, 0, 20 * time.Second, 10, 10},
		{"the client waits too long after much has arrived", 100_000 * gibibyte, 0, 31 * time.Second, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				var writes sync.WaitGroup
				defer func() { _ = server.Close(); writes.Wait() }()
				conn := newConn(&Listener{cfg: Config{Patience: 30 * time.Second, MinRate: 256}}, server)
				conn.watched(true)
				conn.arrived = c.before
				piece := make([]byte, 1024)
				arrived := 0
				for range c.reads {
					time.Sleep(c.pause)
					writes.Go(func() {
						time.Sleep(c.wait)
						_, _ = client.Write(make([]byte, 1024))
					})
					n, err := conn.Read(piece)
					if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
						t.Fatal(err)
					}
					if err != nil {
						break
					}
					arrived += n / 1024
				}
				if arrived != c.arrive {
					t.Errorf("%d pieces arrived, not %d", arrived, c.arrive)
				}
			})
		})
	}
}

// A batch is answered while it is read: the race detector looks on.
func TestAnAnswerMayBeginWhileItsBodyIsRead(t *testing.T) {
	for _, length := range []int64{-1, 2} {
		read := &body{ReadCloser: io.NopCloser(strings.NewReader("xx"))}
		read.left.Store(length)
		answer := &writer{ResponseWriter: httptest.NewRecorder(), conn: &Conn{listener: new(Listener)}, body: read}
		var reading sync.WaitGroup
		reading.Go(func() { _, _ = io.Copy(io.Discard, read) })
		answer.WriteHeader(200)
		reading.Wait()
		if !read.ended.Load() || read.left.Load() != min(length, 0) {
			t.Errorf("of %d: %d are left, and it has ended is %v", length, read.left.Load(), read.ended.Load())
		}
	}
}
