package output_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/output"
)

// pipe returns a pipe like those of a cell: our end does not block.
func pipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		t.Fatal(err)
	}
	read, write = os.NewFile(uintptr(fds[0]), "read"), os.NewFile(uintptr(fds[1]), "write")
	t.Cleanup(func() { _, _ = read.Close(), write.Close() })
	return read, write
}

func TestFinishTakesWhatIsInThePipeAndDoesNotWaitForItsEnd(t *testing.T) {
	read, write := pipe(t)
	c := output.Collect(read, nil, 100, func() { t.Error("it was over the limit") }, nil)
	if _, err := write.WriteString("printed"); err != nil {
		t.Fatal(err)
	}
	if data, truncated := c.Finish(true); string(data) != "printed" || truncated {
		t.Errorf("it gave %q, truncated: %v", data, truncated)
	}
}

// A script may close its output and open it again by its name.
func TestAPipeThatIsOpenedAgainIsReadOn(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	came := make(chan string, 3)
	c := output.Collect(read, nil, 100, func() { t.Error("it was over the limit") }, func(data []byte) { came <- string(data) })
	for _, text := range []string{"one ", "two ", "three"} {
		write, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := write.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if got := <-came; got != text {
			t.Errorf("%q came instead of %q", got, text)
		}
		_ = write.Close()
	}
	if data, truncated := c.Finish(true); string(data) != "one two three" || truncated {
		t.Errorf("it gave %q, truncated: %v", data, truncated)
	}
}

func TestMoreThanTheLimitIsToldOnceAndNotKept(t *testing.T) {
	for _, c := range []struct {
		written   int
		truncated bool
	}{{0, false}, {9999, false}, {10000, false}, {10001, true}, {60000, true}} {
		read, write := pipe(t)
		var full atomic.Int32
		var emitted bytes.Buffer
		collector := output.Collect(read, nil, 10000, func() { full.Add(1) }, func(data []byte) { emitted.Write(data) })
		if _, err := write.WriteString(strings.Repeat("x", c.written)); err != nil {
			t.Fatal(err)
		}
		_ = write.Close()
		data, truncated := collector.Finish(true)
		want := min(c.written, 10000)
		if len(data) != want || truncated != c.truncated || (full.Load() == 1) != c.truncated {
			t.Errorf("%d bytes: kept %d, truncated %v, told %d times", c.written, len(data), truncated, full.Load())
		}
		if !bytes.Equal(emitted.Bytes(), data) {
			t.Errorf("%d bytes: emitted %d, kept %d", c.written, emitted.Len(), len(data))
		}
		if cap(data) > 10000+10000/4 {
			t.Errorf("%d bytes: it holds %d", c.written, cap(data))
		}
	}
}
