package top

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotcell/hotcell/client/metrics"
)

func taken(t *testing.T, l *live, message tea.Msg) tea.Cmd {
	t.Helper()
	next, cmd := l.Update(message)
	if next != tea.Model(l) {
		t.Fatal("another model")
	}
	return cmd
}

func said(t *testing.T, running string) scraped {
	t.Helper()
	s, err := metrics.Parse(strings.NewReader("hotcell_running "+running+"\n"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return scraped{sample: s}
}

func sourceAt(t *testing.T, address string) *Source {
	t.Helper()
	source, err := NewSource(address, "")
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// The last data remains on the screen, with a line that says that it is old.
func TestAServerThatIsGoneIsAskedAgain(t *testing.T) {
	l := &live{source: sourceAt(t, "http://server"), interval: time.Second}
	taken(t, l, tea.WindowSizeMsg{Width: 80, Height: 24})
	if cmd := taken(t, l, scraped{err: errors.New("first \x1b[2J error")}); cmd == nil {
		t.Error("nothing waits for the next look")
	}
	if text := l.View().Content; !strings.Contains(text, "first ?[2J error") || !strings.Contains(text, "trying again") {
		t.Errorf("%q", text)
	}
	taken(t, l, said(t, "7"))
	if text := l.View().Content; !strings.Contains(text, "running 7/–") || strings.Contains(text, "error") {
		t.Errorf("%q", text)
	}
	if cmd := taken(t, l, scraped{err: errors.New("second error")}); cmd == nil {
		t.Error("nothing waits for the next look")
	}
	if text := l.View().Content; !strings.Contains(text, "running 7/–") || !strings.Contains(text, "second error") {
		t.Errorf("%q", text)
	}
	if cmd := taken(t, l, due{}); cmd == nil {
		t.Error("it is not asked again")
	}
}

func TestKeysPauseAndLeave(t *testing.T) {
	l := &live{source: sourceAt(t, "http://server"), interval: time.Second}
	for _, key := range []tea.KeyPressMsg{{Code: 'q', Text: "q"}, {Code: 'c', Mod: tea.ModCtrl}, {Code: tea.KeyEscape}} {
		cmd := taken(t, l, key)
		if cmd == nil || cmd() != (tea.QuitMsg{}) {
			t.Errorf("%v does not leave", key)
		}
	}
	taken(t, l, said(t, "1"))
	taken(t, l, tea.KeyPressMsg{Code: 'p', Text: "p"})
	if text := l.View().Content; !strings.Contains(text, "paused") {
		t.Errorf("%q", text)
	}
	taken(t, l, tea.KeyPressMsg{Code: 'p', Text: "p"})
	if text := l.View().Content; strings.Contains(text, "paused") {
		t.Errorf("%q", text)
	}
}
