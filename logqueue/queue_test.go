package logqueue_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/logqueue"
)

// gate is a writer that can be made to block, or to fail.
type gate struct {
	mu    sync.Mutex
	text  bytes.Buffer
	err   error
	short int           // bytes that are written before err
	open  chan struct{} // nil: writes do not block
}

func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	open := g.open
	g.mu.Unlock()
	if open != nil {
		<-open
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err != nil {
		g.text.Write(p[:min(g.short, len(p))])
		return min(g.short, len(p)), g.err
	}
	return g.text.Write(p)
}

func (g *gate) fail(err error, short int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err, g.short = err, short
}

func (g *gate) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	testkit.Eventually(t, what, is, nil)
}

func TestLinesAreWrittenInOrder(t *testing.T) {
	var out gate
	q := logqueue.New(&out, 0)
	var want strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&want, "line %d\n", i)
		fmt.Fprintf(q, "line %d\n", i)
	}
	if !q.Close(testkit.Patience) {
		t.Fatal("Close gave up")
	}
	if out.String() != want.String() || q.Lost() != 0 {
		t.Errorf("%d bytes arrived of %d, %d lines lost", len(out.String()), want.Len(), q.Lost())
	}
}

func TestAWriterThatStopsDoesNotBlock(t *testing.T) {
	out := gate{open: make(chan struct{})}
	q := logqueue.New(&out, 1000)
	told := make(chan uint64, 10)
	q.OnRecovery(func(lost uint64) {
		fmt.Fprintf(q, "%d lines were lost\n", lost) // before the test closes q
		told <- lost
	})
	line := strings.Repeat("x", 99) + "\n"
	for range 1000 { // returns although nothing is written
		fmt.Fprint(q, line)
	}
	lost := q.Lost()
	if lost < 980 || lost > 990 { // ten wait, up to ten are being written
		t.Errorf("%d lines are lost", lost)
	}
	close(out.open)
	if got := <-told; got != lost {
		t.Errorf("told of %d lost lines, and %d were lost", got, lost)
	}
	if !q.Close(testkit.Patience) {
		t.Fatal("Close gave up")
	}
	if lines := strings.Count(out.String(), line); uint64(lines) != 1000-lost { // #nosec G115 -- not negative
		t.Errorf("%d lines arrived", lines)
	}
	if want := fmt.Sprintf("\n%d lines were lost\n", lost); !strings.HasSuffix(out.String(), want) {
		t.Errorf("the log does not end with %q", want)
	}
}

func TestAWriterThatFailsLosesLinesAndRecovers(t *testing.T) {
	var out gate
	q := logqueue.New(&out, 0)
	told := make(chan uint64, 10)
	q.OnRecovery(func(lost uint64) { told <- lost })
	out.fail(errors.New("no space left"), 3)
	fmt.Fprint(q, "first\n")
	eventually(t, "the line is lost", func() bool { return q.Lost() == 1 })
	out.fail(nil, 0)
	fmt.Fprint(q, "second\n")
	if lost := <-told; lost != 1 {
		t.Errorf("told of %d lost lines", lost)
	}
	q.Close(testkit.Patience)
	if want := "fir\nsecond\n"; out.String() != want { // a torn line does not swallow the next
		t.Errorf("%q arrived, want %q", out.String(), want)
	}
}

func TestCloseDoesNotWaitForAWriterThatStops(t *testing.T) {
	out := gate{open: make(chan struct{})}
	q := logqueue.New(&out, 0)
	fmt.Fprint(q, "line\n")
	if q.Close(10 * time.Millisecond) {
		t.Error("Close says that all was written")
	}
	close(out.open)
	eventually(t, "the line arrives", func() bool { return out.String() == "line\n" })
	fmt.Fprint(q, "late\n")
	if q.Lost() != 1 {
		t.Errorf("%d lines are lost", q.Lost())
	}
}

func TestAPipeMayLoseItsReader(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	q := logqueue.New(write, 0)
	_ = read.Close()
	fmt.Fprint(q, "line\n")
	eventually(t, "the line is lost", func() bool { return q.Lost() == 1 })
	if !q.Close(testkit.Patience) {
		t.Error("Close gave up")
	}
}

func TestManyWriters(t *testing.T) {
	read, write := io.Pipe()
	q := logqueue.New(write, 4096)
	lines := make(chan int)
	go func() {
		text, _ := io.ReadAll(read)
		lines <- strings.Count(string(text), "one line\n")
	}()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				fmt.Fprint(q, "one line\n")
			}
		})
	}
	all.Wait()
	if !q.Close(testkit.Patience) {
		t.Fatal("Close gave up")
	}
	_ = write.Close()
	if arrived, lost := <-lines, q.Lost(); uint64(arrived)+lost != 8000 { // #nosec G115 -- not negative
		t.Errorf("%d arrived and %d lost of 8000", arrived, lost)
	}
}
