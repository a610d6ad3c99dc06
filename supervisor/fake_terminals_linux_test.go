package supervisor

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/pty"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// fakeTerminals returns terminals, and cells without jails. A run on a terminal
// returns what run returns.
type fakeTerminals struct {
	profile
	run func() (nsjail.Verdict, error)
}

func (p fakeTerminals) OpenTerminal(columns, rows uint16) (*nsjail.Terminal, error) {
	dev, err := os.Open("/dev")
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	opened, err := pty.Open(dev, columns, rows)
	return &nsjail.Terminal{Terminal: opened}, err
}

func (p fakeTerminals) ClaimBehind(ctx context.Context) (cell, error) { return p.Claim(ctx) }

func (p fakeTerminals) Claim(context.Context) (cell, error) { return fakeTerminalCell{run: p.run}, nil }

type fakeTerminalCell struct {
	cell
	run func() (nsjail.Verdict, error)
}

func (c fakeTerminalCell) Gone() <-chan struct{} { return neverBegun }

func (c fakeTerminalCell) RunTerminal(_ context.Context, _ nsjail.Job, terminal *nsjail.Terminal) (nsjail.Verdict, error) {
	verdict, err := c.run()
	if err == nil { // a real cell has the slave then, and closes ours
		_ = terminal.CloseSlave()
		terminal.End()
	}
	return verdict, err
}

// The same as TestACellThatIsLostIsReplacedByAnother, for terminals.
func TestATerminalWhoseCellIsLostIsRunInAnother(t *testing.T) {
	for _, c := range []struct {
		lost, runs int
		problem    api.Code
	}{{0, 1, ""}, {2, 3, ""}, {3, 3, api.CodeUnavailable}} {
		runs := 0
		s, handler := withFakeCells(t, fakeTerminals{run: func() (nsjail.Verdict, error) {
			if runs++; runs <= c.lost {
				return nsjail.Verdict{}, nsjail.ErrCellLost
			}
			return nsjail.Verdict{Status: protocol.StatusOK}, nil
		}})
		server := httptest.NewServer(handler)
		conn, _, err := websocket.Dial(t.Context(), server.URL+"/tty", &websocket.DialOptions{Subprotocols: []string{keys.Subprotocol + "secret", api.TTYProtocol}})
		if err != nil {
			t.Fatal(err)
		}
		if conn.Subprotocol() != api.TTYProtocol { // a key is not repeated
			t.Errorf("the subprotocol is %q", conn.Subprotocol())
		}
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(`{"cols": 80, "rows": 24, "script": "def main(): pass"}`)); err != nil {
			t.Fatal(err)
		}
		var message api.TerminalMessage
		if _, text, err := conn.Read(t.Context()); err != nil || json.Unmarshal(text, &message) != nil {
			t.Fatalf("%d are lost: %q, %v", c.lost, text, err)
		}
		switch {
		case runs != c.runs:
			t.Errorf("%d are lost: %d runs", c.lost, runs)
		case c.problem == "" && (message.Exit == nil || message.Exit.Status != protocol.StatusOK):
			t.Errorf("%d are lost: %+v", c.lost, message)
		case c.problem != "" && (message.Problem == nil || message.Problem.Code != c.problem):
			t.Errorf("%d are lost: %+v", c.lost, message)
		}
		_ = conn.CloseNow()
		server.Close()
		testkit.Eventually(t, "the place is given back", func() bool {
			counts := s.line.Count()
			return counts.Running == 0 && counts.Bytes == 0
		}, nil)
	}
}
