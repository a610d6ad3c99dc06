package nsjail_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
)

// files uses the files of a session, which must go on.
func (s calls) files(use func(*transfer.Files) error) error {
	s.t.Helper()
	verdict, err := s.cell.Files(s.t.Context(), limits, use)
	if verdict.Ended {
		s.t.Fatalf("the cell ended: %+v, %v", verdict, err)
	}
	return err
}

func (s calls) put(path, content string) error {
	s.t.Helper()
	return s.files(func(f *transfer.Files) error {
		_, err := f.Write(path, strings.NewReader(content))
		return err
	})
}

func (s calls) get(path string) (content string, err error) {
	s.t.Helper()
	err = s.files(func(f *transfer.Files) error {
		_, next, err := f.Read(path)
		for err == nil {
			var piece []byte
			if piece, err = next(); len(piece) == 0 {
				return err
			}
			content += string(piece)
		}
		return err
	})
	return content, err
}

func (s calls) list(pattern string) (paths []string) {
	s.t.Helper()
	err := s.files(func(f *transfer.Files) error {
		files, _, err := f.List(pattern)
		for _, file := range files {
			paths = append(paths, fmt.Sprintf("%s %d", file.Path, file.Bytes))
		}
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	return paths
}

func kindOf(err error) protocol.TransferError {
	var failed *transfer.Error
	if errors.As(err, &failed) {
		return failed.Kind
	}
	return ""
}

func TestFilesGoInAndOutBetweenCalls(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := newSession(t, mode)
		large := strings.Repeat("0123456789abcdef", 200_000) // of many pieces
		if err := errors.Join(s.put("in/a.txt", "one"), s.put("large", large), s.put("empty", "")); err != nil {
			t.Fatal(err)
		}
		got := s.call("import os, hashlib\nopen('out', 'w').write(open('in/a.txt').read() * 2)\n[os.path.getsize('large'), os.path.getsize('empty'), sorted(os.listdir())]")
		if want := `[3200000,0,["empty","in","large","out"]]`; string(got.Result) != want {
			t.Errorf("%s %+v", got.Result, got.Error)
		}
		for path, want := range map[string]string{"out": "oneone", "large": large, "empty": ""} {
			if content, err := s.get(path); err != nil || content != want {
				t.Errorf("%s: %d bytes, %v", path, len(content), err)
			}
		}
		if err := s.put("out", "new"); err != nil {
			t.Error(err)
		}
		if list, want := s.list("**"), []string{"empty 0", "in/a.txt 3", "large 3200000", "out 3"}; !slices.Equal(list, want) {
			t.Errorf("%q", list)
		}
		if list := s.list("in/*"); !slices.Equal(list, []string{"in/a.txt 3"}) {
			t.Errorf("%q", list)
		}
		remove := func(path string) error {
			return s.files(func(f *transfer.Files) error { return f.Remove(path) })
		}
		if err := remove("in/a.txt"); err != nil {
			t.Error(err)
		}
		_, err := s.get("in/a.txt")
		if kinds := []protocol.TransferError{kindOf(err), kindOf(remove("in/a.txt")), kindOf(remove("in"))}; !slices.Equal(kinds, []protocol.TransferError{"not_found", "not_found", "failed"}) {
			t.Errorf("%q", kinds)
		}
		if got := s.call("os.getcwd()"); string(got.Result) != `"/box/work"` {
			t.Errorf("a call after all that: %s %+v", got.Result, got.Error)
		}
	})
}

// What is no regular file is neither read nor removed, and nothing waits for it.
func TestOnlyRegularFilesAreTransferred(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	got := s.call(`import os
os.mkfifo("fifo"); os.mkdir("dir"); os.symlink("/etc/hostname", "link"); os.symlink("dir", "dirlink"); os.symlink("/dev/zero", "zero"); os.symlink("loop", "loop")
open("dir/f", "w").write("x")
open("C:x", "w").write("drive"); open("NUL", "w").write("device"); open("A.txt", "w").write("A"); open("a.txt", "w").write("a"); open("a%41:b", "w").write("percent")
open(b"\xff", "w").write("bytes")
os.truncate(os.open("hole", os.O_CREAT | os.O_RDWR), 1 << 40)`)
	if got.Status != protocol.StatusOK {
		t.Fatalf("%+v", got.Error)
	}
	for _, path := range []string{"fifo", "dir", "link", "dirlink/f", "zero", "loop", "loop/x", "dir/f/x"} {
		if _, err := s.get(path); kindOf(err) != protocol.TransferFailed && kindOf(err) != protocol.TransferNotFound {
			t.Errorf("read %s: %v", path, err)
		}
		if err := s.files(func(f *transfer.Files) error { return f.Remove(path) }); kindOf(err) == "" {
			t.Errorf("remove %s: %v", path, err)
		}
	}
	if err := s.put("dir", "x"); kindOf(err) != protocol.TransferFailed {
		t.Errorf("write a directory: %v", err)
	}
	// A file takes the place of a link or a FIFO, and does not follow it.
	if err := errors.Join(s.put("fifo", "f"), s.put("link", "l")); err != nil {
		t.Error(err)
	}
	// Names that are not portable are listed escaped, and lead to their files.
	for _, line := range s.list("**") {
		path, size, _ := strings.Cut(line, " ")
		if path == "hole" {
			continue
		}
		if content, err := s.get(path); err != nil || fmt.Sprint(len(content)) != size {
			t.Errorf("%s of %s bytes: %q, %v", path, size, content, err)
		}
	}
	for path, want := range map[string]string{"C%3Ax": "drive", "%4EUL": "device", "A.txt": "A", "%61.txt": "a", "a%41%3Ab": "percent", "%FF": "bytes"} {
		if content, err := s.get(path); err != nil || content != want {
			t.Errorf("%s: %q, %v", path, content, err)
		}
	}
	err := s.files(func(f *transfer.Files) error {
		size, next, err := f.Read("hole")
		if err != nil || size != 1<<40 {
			return fmt.Errorf("a hole of %d bytes: %w", size, err)
		}
		_, err = next()
		return errors.Join(err, f.Stop())
	})
	if err != nil {
		t.Error(err)
	}
}

// A file that does not fit leaves nothing, and the session goes on.
func TestAFileThatDoesNotFitLeavesNothing(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	if err := s.put("old", "kept"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := s.files(func(f *transfer.Files) error {
			_, err := f.Write("old", io.LimitReader(zeros{}, limits.DiskBytes+1))
			return err
		})
		if kindOf(err) != protocol.TransferDiskFull {
			t.Fatalf("%v", err)
		}
	}
	hungUp := io.ErrUnexpectedEOF // as net/http has it when a client hangs up
	err := s.files(func(f *transfer.Files) error {
		_, err := f.Write("old", io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), broken{hungUp}))
		return err
	})
	if !errors.Is(err, hungUp) {
		t.Errorf("%v", err)
	}
	if got := s.call("import os\nos.listdir(), open('old').read(), os.statvfs('.').f_bfree > 10"); string(got.Result) != `[["old"],"kept",true]` {
		t.Errorf("%s %+v", got.Result, got.Error)
	}
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) { clear(into); return len(into), nil }

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// Whatever a script has done to its cell, or does while a file is sent, the supervisor
// gets an answer or ends the cell.
func TestHostileCellsAreEndedWhenTheyAnswerWrongly(t *testing.T) {
	head := "import os, struct, threading, time\n"
	send := func(kind protocol.Type, payload string) string {
		return head + fmt.Sprintf("os.write(3, struct.pack('>IB', %d, %d) + b'%s')", len(payload), kind, payload)
	}
	for name, script := range map[string]string{
		"no list":            send(protocol.TypeDone, "[]"),
		"another name":       send(protocol.TypeDone, `{"Bytes":1}`),
		"a negative size":    send(protocol.TypeDone, `{"bytes":-1}`),
		"an unknown error":   send(protocol.TypeDone, `{"error":"odd"}`),
		"a path upwards":     send(protocol.TypeDone, `{"files":[{"path":"../x","bytes":1}]}`),
		"a name of a device": send(protocol.TypeDone, `{"files":[{"path":"NUL","bytes":1}]}`),
		"a RESULT":           send(protocol.TypeResult, `{"status":"ok"}`),
		"a piece":            send(protocol.TypePiece, "x"),
		"far too much":       head + "os.write(3, b'\\xff\\xff\\xff\\xff\\x11')",
		"an unknown type":    head + "os.write(3, b'\\0\\0\\0\\0\\xee')",
		"a closed channel":   head + "threading.Timer(0.5, lambda: os.dup2(os.open('/dev/null', 2), 3)).start()",
		"an end":             head + "threading.Timer(0.5, lambda: os._exit(3)).start()",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, protocol.ModeFork)
			job := nsjail.Job{Script: script + "\n", Limits: limits}
			// The forged frame must come after the RESULT: a thread sends it.
			if !strings.Contains(script, "Timer") {
				body := strings.TrimPrefix(script, head)
				job.Script = head + "def late():\n  time.sleep(0.5)\n  " + body + "\nthreading.Thread(target=late).start()"
			}
			if got, err := s.cell.Call(t.Context(), t.Context(), job); err != nil || got.Status != protocol.StatusOK {
				t.Fatalf("%v %+v", err, got)
			}
			verdict, err := s.cell.Files(t.Context(), limits, func(f *transfer.Files) error {
				for {
					if _, _, err := f.List("**"); err != nil {
						return err
					}
				}
			})
			if !verdict.Ended || !errors.Is(err, nsjail.ErrCellLost) {
				t.Errorf("%+v, %v", verdict, err)
			}
			if name == "an end" && verdict.Status != protocol.StatusExited {
				t.Errorf("%s", verdict.Status)
			}
		})
	}
}

// A file that changes while it is sent gives what it had, or less, and never more.
func TestAFileThatChangesWhileItIsSent(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	got := s.call(`import os, threading
open("grows", "w").write("x" * 1000)
def grow():
    with open("grows", "a") as f:
        while True:
            f.write("y" * 10); f.flush()
            if os.path.getsize("grows") > 1 << 20: os.truncate("grows", 1000)
threading.Thread(target=grow, daemon=True).start()
def swap():
    n = 0
    while True:
        n += 1
        try: os.unlink("swapped")
        except OSError: pass
        [lambda: os.mkfifo("swapped"), lambda: os.symlink("/dev/zero", "swapped"), lambda: open("swapped", "w").write("z" * 100)][n % 3]()
threading.Thread(target=swap, daemon=True).start()`)
	if got.Status != protocol.StatusOK {
		t.Fatalf("%+v", got.Error)
	}
	for range 50 {
		var size, came int64
		err := s.files(func(f *transfer.Files) (err error) {
			var next func() ([]byte, error)
			size, next, err = f.Read("grows")
			for err == nil {
				var piece []byte
				if piece, err = next(); len(piece) == 0 {
					return err
				}
				came += int64(len(piece))
			}
			return err
		})
		if err != nil || came > size {
			t.Fatalf("%d of %d bytes, %v", came, size, err)
		}
		if content, err := s.get("swapped"); err == nil && strings.Trim(content, "z") != "" || err != nil && kindOf(err) == "" {
			t.Fatalf("%q, %v", content, err)
		}
	}
}
