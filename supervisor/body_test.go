package supervisor

import (
	"errors"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/bodies"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
)

func TestAPartyHasItsShareOfTheMemoryForBodies(t *testing.T) {
	l := newLine(config.Default(), budget.Budget{Bodies: 1000, Answers: 4000})
	greedy, quiet := line.Unbounded("greedy"), line.Unbounded("quiet")
	greedy.MaxReserved, quiet.MaxReserved = 500, 500
	read := func(party line.Party, n int) (*line.Reservation, error) {
		held, err := l.Reserve(party, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = bodies.ReadAll(strings.NewReader(strings.Repeat("x", n)), int64(n), 1<<20, held.Grow)
		return held, err
	}
	first, err := read(greedy, 400)
	if err != nil {
		t.Fatal(err)
	}
	second, err := read(greedy, 400)
	if !errors.Is(err, line.ErrPartyBytes) {
		t.Errorf("%v", err)
	}
	second.Release()
	third, err := read(quiet, 500)
	if err != nil {
		t.Errorf("the other key: %v", err)
	}
	first.Release()
	third.Release()
	if c := l.Count(); c.Reserved != 0 {
		t.Errorf("%d bytes are still reserved", c.Reserved)
	}
}
