package faults_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
)

const linesLost = "hotcell_log_lines_lost_total"

// logReader reads what hotcell writes to its standard error, a pipe of the smallest
// size, until it is stopped.
type logReader struct {
	t      *testing.T
	fifo   string
	copied *os.File // what it has read

	mu   sync.Mutex
	pipe *os.File
	hold sync.Mutex // held while it must not read
}

// begin starts reading; hotcell may start before or after.
func (r *logReader) begin() {
	// O_NONBLOCK: otherwise it waits for hotcell.
	fd, err := unix.Open(r.fifo, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		r.t.Error(err)
		return
	}
	_, _ = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, 4096)
	pipe := os.NewFile(uintptr(fd), r.fifo)
	r.mu.Lock()
	r.pipe = pipe
	r.mu.Unlock()
	go func() {
		buffer := make([]byte, 4096)
		for {
			r.hold.Lock()
			n, err := pipe.Read(buffer)
			r.hold.Unlock()
			_, _ = r.copied.Write(buffer[:n])
			if err == io.EOF { // hotcell has not opened it yet, or has ended
				time.Sleep(5 * time.Millisecond)
			} else if err != nil {
				return
			}
		}
	}()
}

func (r *logReader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.pipe.Close()
}

// logFault returns a fault of the log's reader, which copies the log to a file.
func logFault(t *testing.T, f fault) (fault, *logReader) {
	t.Helper()
	testkit.NeedsJails(t)
	dir := t.TempDir()
	f.log = filepath.Join(dir, "log")
	reader := &logReader{t: t, fifo: filepath.Join(dir, "fifo")}
	err := unix.Mkfifo(reader.fifo, 0o600)
	if err == nil {
		reader.copied, err = os.Create(f.log)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.before = []string{"sh", "-c", `exec "$@" 2>` + reader.fifo, "sh"}
	reader.begin()
	t.Cleanup(func() { reader.close(); _ = reader.copied.Close() })
	return f, reader
}

// mustTellOfLostLines looks for the line that reports lost lines, once the log is
// read.
func (p *program) mustTellOfLostLines() {
	p.t.Helper()
	p.eventually("the log says that lines were lost", func() bool {
		_, _ = p.get("/nowhere") // a line, after which the queue notices that the pipe works
		return strings.Contains(p.Log.String(), "lines of this log were lost")
	})
}

// The reader of the log may crash: the service and its requests go on.
func TestTheLogMayLoseItsReader(t *testing.T) {
	var reader *logReader
	f, r := logFault(t, fault{
		name: "the log's reader gone",
		inject: func(t *testing.T, p *program, l *load) time.Time {
			reader.close()
			gone := time.Now()
			before := l.soFar().requests
			p.eventually("the load goes on", func() bool { return l.soFar().requests >= before+20 })
			p.eventually("their lines are counted as lost", func() bool { return p.figures()[linesLost] >= 20 }) // written after the answers
			reader.begin()
			p.mustTellOfLostLines()
			return gone
		},
	})
	reader = r
	f.run(t)
}

// A reader that stops fills the pipe, and then hotcell's queue. Nothing waits for it,
// not even the shutdown.
func TestTheLogsReaderMayStop(t *testing.T) {
	var reader *logReader
	f, r := logFault(t, fault{
		name: "the log's reader stopped",
		inject: func(t *testing.T, p *program, l *load) time.Time {
			reader.hold.Lock()
			for i := 0; p.figures()[linesLost] == 0; i++ {
				if i == 20 {
					t.Fatal("16,000 lines fit")
				}
				var all sync.WaitGroup
				for range 8 {
					all.Go(func() {
						for range 100 {
							_, _ = p.get("/" + strings.Repeat("x/", 500))
						}
					})
				}
				all.Wait()
			}
			full := time.Now()
			before := l.soFar().requests
			p.eventually("the load goes on", func() bool { return l.soFar().requests >= before+20 })
			reader.hold.Unlock()
			p.mustTellOfLostLines()
			return full
		},
	})
	reader = r
	f.run(t)
}
