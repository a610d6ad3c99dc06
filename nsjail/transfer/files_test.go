package transfer

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// cell returns the files of a cell that sends answers, whatever it is asked, and reads
// nothing if it is deaf.
func cell(t *testing.T, deaf bool, answers []byte) *Files {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	go func() {
		for n, question := 0, make([]byte, 1<<20); !deaf && len(answers) > 0; answers = answers[n:] {
			if _, err := far.Read(question); err != nil {
				return
			}
			_, size, err := protocol.ParseHeader(answers, 1<<30)
			if n = min(protocol.HeaderBytes+size, len(answers)); err != nil {
				n = len(answers)
			}
			if _, err := far.Write(answers[:n]); err != nil {
				return
			}
		}
	}()
	return New(near, func() bool { return true })
}

// impatient waits for answers that do not come.
func impatient(files *Files) *Files {
	files.answer = 100 * time.Millisecond
	return files
}

func frame(t *testing.T, kind protocol.Type, payload string) []byte {
	t.Helper()
	frame, err := protocol.AppendFrame(nil, kind, []byte(payload), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// A cell that does not answer, or does not even read, is lost, and is not asked again.
func TestACellThatDoesNotAnswerIsLost(t *testing.T) {
	size := frame(t, protocol.TypeDone, `{"bytes":9}`)
	for name, files := range map[string]*Files{
		"deaf":   impatient(cell(t, true, nil)),
		"silent": impatient(cell(t, false, nil)),
		"half":   impatient(cell(t, false, size[:8])),
	} {
		for range 2 {
			if _, _, err := files.List("**"); !errors.Is(err, errSilent) || !errors.Is(files.Lost(), errSilent) {
				t.Fatalf("%s: %v", name, err)
			}
			files.channel = nil // whoever asks again panics
		}
	}
	files := cell(t, false, size)
	_, next, err := files.Read("a")
	if err != nil {
		t.Fatal(err)
	}
	impatient(files)
	if _, err := next(); !errors.Is(err, errSilent) || files.Stop() != nil {
		t.Errorf("no piece: %v", err)
	}
}

// What is more than was asked for is not taken.
func TestACellThatSendsTooMuchIsLost(t *testing.T) {
	size := frame(t, protocol.TypeDone, `{"bytes":9}`)
	long := `{"message":"` + strings.Repeat("x", protocol.MaxPieceBytes) + `"}`
	for name, answers := range map[string][]byte{
		"a piece":                  append(size, frame(t, protocol.TypePiece, "0123456789")...),
		"a piece before its size":  frame(t, protocol.TypePiece, "0"),
		"sizes without an end":     bytes.Repeat(size, 3),
		"a long answer":            frame(t, protocol.TypeDone, long),
		"an OUTPUT":                frame(t, protocol.TypeOutput, `{"kind":"display","parts":{"text/plain":1}}`+"\nx"),
		"a RESULT of a call":       frame(t, protocol.TypeResult, `{"status":"ok"}`+"\nnull"),
		"a size as of no file":     frame(t, protocol.TypeDone, `{"bytes":-9}`),
		"a FILE as of collections": frame(t, protocol.TypeFile, `{"path":"a"}`+"\nx"),
	} {
		files := cell(t, false, answers)
		_, next, err := files.Read("a")
		for range 3 {
			if err == nil {
				_, err = next()
			}
		}
		if err == nil || files.Lost() == nil || errors.Is(err, errSilent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := cell(t, false, frame(t, protocol.TypeDone, long)).List("**"); err != nil {
		t.Errorf("a list may be long: %v", err)
	}
}
