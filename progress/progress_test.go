package progress

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestWithoutATerminalThereIsALineForEachStep(t *testing.T) {
	var out bytes.Buffer
	l := newLine(&out, func() int { return 0 })
	l.Step("first", time.Minute)
	l.Update("first, half")
	l.Step("second", 0)
	l.End()
	if want := "first (about 1m0s)\nsecond\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestOnATerminalOneLineIsWrittenAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := newLine(&out, func() int { return 12 })
		l.Step("first", 0)
		time.Sleep(2500 * time.Millisecond)
		l.Update("a longer text")
		l.End()
		const again = "\r\x1b[K"
		if want := again + "first  0s" + again + "first  1s" + again + "first  2s" + again + "a longe  2s" + again; out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	})
}

func TestNoLineTellsNothing(*testing.T) {
	var l *Line
	l.Step("a", 0)
	l.Update("b")
	l.End()
}
