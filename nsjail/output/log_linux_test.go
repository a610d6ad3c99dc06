package output_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/output"
)

// logOf returns a log with these numbers and this data, and its file.
func logOf(t *testing.T, base, end, passed, trying uint64, data string) (*output.Log, *os.File) {
	t.Helper()
	fd, err := unix.MemfdCreate("log", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "log")
	var content []byte
	for _, number := range []uint64{base, end, passed, trying} {
		content = binary.NativeEndian.AppendUint64(content, number)
	}
	if _, err := file.Write(append(content, data...)); err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(output.LogBytes); err != nil {
		t.Fatal(err)
	}
	log, err := output.NewLog(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log, file
}

// A cell may be killed between any two of its instructions. What it wrote into the pipe is
// there once, and so is what it did not.
func TestWhatTheLogHasCountsOnce(t *testing.T) {
	for _, c := range []struct {
		name                      string
		base, end, passed, trying uint64
		data, pipe, want          string
	}{
		{"nothing was printed", 0, 0, 0, 0, "", "", ""},
		{"all of it is in the log", 0, 4, 0, 0, "abcd", "", "abcd"},
		{"it was written, and counted", 0, 4, 4, 4, "abcd", "abcd", "abcd"},
		{"it was written, and not counted", 0, 4, 0, 4, "abcd", "abcd", "abcd"},
		{"it was to be written", 0, 4, 0, 4, "abcd", "", "abcd"},
		{"two of three pieces were written", 0, 6, 2, 4, "ababab", "abab", "ababab"},
		{"one of three pieces was written", 0, 6, 2, 4, "ababab", "ab", "ababab"},
		{"a child wrote, too, and the piece is written", 0, 4, 2, 4, "abcd", "ab!cd", "ab!cd"},
		{"a child wrote, too, and the piece is not written", 0, 4, 2, 4, "abcd", "ab!!", "ab!!cd"},
		{"a child wrote behind the piece", 0, 4, 2, 4, "abcd", "abcd!", "abcd!"},
		{"the log begins again", 1000, 2, 1000, 1000, "efgh", "", "ef"},
		{"it is emptied", 0, 0, 4, 4, "abcd", "abcd", "abcd"},
		{"data of before is behind the end", 4, 2, 4, 4, "efcd", "", "ef"},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, _ := logOf(t, c.base, c.end, c.passed, c.trying, c.data)
			read, write := pipe(t)
			if _, err := write.WriteString(c.pipe); err != nil {
				t.Fatal(err)
			}
			if data, truncated := output.Collect(read, log, 100, nil, nil).Finish(true); string(data) != c.want || truncated {
				t.Errorf("%q instead of %q", data, c.want)
			}
		})
	}
}

// A script may write what it wants into its log, and shorten nothing but what it printed.
func TestALogThatLiesGivesNoMoreThanItHas(t *testing.T) {
	const all, room = ^uint64(0), output.LogBytes - 32
	for _, numbers := range [][4]uint64{
		{0, room + 1, 0, 0}, {0, all, 0, 0}, {all, all, all, all}, {0, 4, 5, 0}, {5, 4, 0, 0}, {0, 4, all, 0},
		{0, 1 << 63, 1 << 62, 0}, {1, 4, 0, 0}, {0, 4, 4, all},
	} {
		log, _ := logOf(t, numbers[0], numbers[1], numbers[2], numbers[3], "data")
		read, write := pipe(t)
		if _, err := write.WriteString("piped"); err != nil {
			t.Fatal(err)
		}
		if data, _ := output.Collect(read, log, 1<<20, nil, nil).Finish(true); string(data) != "piped" {
			t.Errorf("%x: %d bytes: %.20q", numbers, len(data), data)
		}
	}
	for _, numbers := range [][4]uint64{{0, room, 0, 0}, {0, 4, 0, all}, {0, 4, 0, 5}, {7, 4, 7, 3}} {
		log, _ := logOf(t, numbers[0], numbers[1], numbers[2], numbers[3], "data")
		read, _ := pipe(t)
		if data, _ := output.Collect(read, log, 1<<20, nil, nil).Finish(true); len(data) != int(numbers[1]) || string(data[:4]) != "data" { // #nosec G115 -- at most room
			t.Errorf("%x: %d bytes: %.20q", numbers, len(data), data)
		}
	}
	for _, size := range []int64{0, 8, 31, 32, 34} {
		log, file := logOf(t, 0, 4, 0, 0, "data")
		if err := file.Truncate(size); err != nil {
			t.Fatal(err)
		}
		read, _ := pipe(t)
		if data, _ := output.Collect(read, log, 1<<20, nil, nil).Finish(true); string(data) != "data"[:max(size, 32)-32] {
			t.Errorf("%d bytes of a log: %q", size, data)
		}
	}
}

func TestTheLogCountsForTheLimit(t *testing.T) {
	for _, c := range []struct {
		limit     int64
		want      string
		truncated bool
	}{{8, "pipelogs", false}, {7, "pipelog", true}, {4, "pipe", true}, {3, "pip", true}, {0, "", true}} {
		log, _ := logOf(t, 0, 4, 0, 0, "logs")
		read, write := pipe(t)
		if _, err := write.WriteString("pipe"); err != nil {
			t.Fatal(err)
		}
		full := 0
		data, truncated := output.Collect(read, log, c.limit, func() { full++ }, nil).Finish(true)
		if string(data) != c.want || truncated != c.truncated || (full == 1) != c.truncated {
			t.Errorf("limit %d: %q %v, told %d times", c.limit, data, truncated, full)
		}
	}
}

// Between two calls of a session the log is the script's, which may still write to it.
func TestTheLogOfACellThatGoesOnIsLeftAlone(t *testing.T) {
	log, _ := logOf(t, 0, 4, 0, 0, "logs")
	read, _ := pipe(t)
	if data, _ := output.Collect(read, log, 100, nil, nil).Finish(false); len(data) != 0 {
		t.Errorf("%q", data)
	}
}

// A cell that has answered still runs, and may print: what there is of that has no gap.
func TestTheLogOfACellThatPrintsOnLeavesNoGap(t *testing.T) {
	const record, room = 512, output.LogBytes - 32
	for round := range 60 {
		log, file := logOf(t, 0, 0, 0, 0, "")
		read, write := pipe(t)
		memory, err := unix.Mmap(int(file.Fd()), 0, output.LogBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			t.Fatal(err)
		}
		c := output.Collect(read, log, 64<<20, nil, nil)
		var stop atomic.Bool
		var cell sync.WaitGroup
		cell.Go(func() { // as pyworker/printing.py has it
			number := func(at int) *uint64 { return (*uint64)(unsafe.Pointer(&memory[8*at])) } // #nosec G103 -- aligned
			base, end, passed, trying := number(0), number(1), number(2), number(3)
			for n := 0; !stop.Load(); n++ {
				if *end+record > room {
					for *passed < *base+*end {
						size := min(4096, *base+*end-*passed)
						atomic.StoreUint64(trying, *passed+size)
						at := 32 + *passed - *base
						if _, err := write.Write(memory[at : at+size]); err != nil {
							return
						}
						atomic.StoreUint64(passed, *passed+size)
					}
					atomic.StoreUint64(end, 0)
					atomic.StoreUint64(base, *passed)
				}
				copy(memory[32+*end:], fmt.Sprintf("%0511d\n", n))
				atomic.StoreUint64(end, *end+record)
			}
		})
		time.Sleep(time.Duration(round%6) * time.Millisecond)
		data, _ := c.Finish(true)
		stop.Store(true)
		_ = read.Close() // ends a write that waits
		cell.Wait()
		for n := range len(data) / record {
			if got := string(data[n*record : (n+1)*record]); got != fmt.Sprintf("%0511d\n", n) {
				t.Errorf("round %d: behind %d comes %q", round, n-1, got[500:])
				break
			}
		}
		_ = unix.Munmap(memory)
	}
}

func TestALogIsAFile(t *testing.T) {
	read, _ := pipe(t)
	if _, err := output.NewLog(read); err == nil || !strings.Contains(err.Error(), "instead of a log") {
		t.Error(err)
	}
}
