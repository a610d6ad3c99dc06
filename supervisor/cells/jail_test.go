package cells

import (
	"testing"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
)

// The zygotes of a profile share the work evenly, and what one cannot do another does.
func TestTheIdlestZygoteMakesTheNextCell(t *testing.T) {
	jail := new(nsjail.Jail) // it has not ended
	busy, idle, fuller := &generation{jail: jail, making: 2}, &generation{jail: jail, making: 1, cells: 3}, &generation{jail: jail, making: 1, cells: 4}
	hung := &generation{jail: jail, hung: true}
	for _, c := range []struct {
		name    string
		current []*generation
		avoid   *generation
		want    *generation
	}{
		{"the only one", []*generation{busy}, nil, busy},
		{"the one that makes the fewest", []*generation{busy, idle}, nil, idle},
		{"of these, the one that has the fewest", []*generation{fuller, idle, busy}, nil, idle},
		{"not the one to avoid", []*generation{idle, fuller}, idle, fuller},
		{"not the one to avoid, however busy the other is", []*generation{busy, idle}, idle, busy},
		{"the one to avoid, if there is no other", []*generation{hung, idle, nil}, idle, idle},
		{"none that hangs or has not started", []*generation{nil, hung, busy}, nil, busy},
		{"none", []*generation{nil, hung}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &Profile{current: c.current}
			if got := p.choose(c.avoid); got != c.want {
				t.Errorf("%+v instead of %+v", got, c.want)
			}
			if c.avoid != nil && p.another(c.avoid) != (c.want != c.avoid) {
				t.Errorf("whether there is another one: %v", p.another(c.avoid))
			}
		})
	}
}

// A new zygote gets its share of the cells, and no more are replaced than that takes.
func TestANewZygoteGetsItsShareOfTheCells(t *testing.T) {
	jail := new(nsjail.Jail)
	for _, c := range []struct {
		name   string
		others []int // the cells of those that stay
		left   int   // of the one that is replaced; -1: there was none
		want   []int // surplus, if positive
	}{
		{"the only one is replaced", nil, 8, nil},
		{"the second starts", []int{8}, -1, []int{4}},
		{"the third starts", []int{4, 4}, -1, []int{1, 1}},
		{"one of two is replaced as planned", []int{4}, 4, []int{0}},
		{"one of two has died, and the other one made its cells", []int{8}, 0, []int{4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &Profile{current: []*generation{{jail: jail}, nil}}
			for _, cells := range c.others {
				p.current = append(p.current, &generation{jail: jail, cells: cells})
			}
			var left *generation
			if c.left >= 0 {
				left = &generation{jail: jail, cells: c.left}
			}
			surplus := p.surplus(left)
			for i, want := range c.want {
				if got := max(0, surplus[p.current[2+i]]); got != want {
					t.Errorf("%d of the %d cells of one, want %d", got, c.others[i], want)
				}
			}
			if surplus[p.current[0]] > 0 || surplus[left] > 0 {
				t.Errorf("%v", surplus)
			}
		})
	}
}

// What does not hold in one jail does not hold for the profile.
func TestALayerHoldsIfItDoesInEachJail(t *testing.T) {
	checks := []doctor.Check{{Layer: "a", Held: true}, {Layer: "b", Held: true}, {Layer: "c", Found: "first"}}
	worse(checks, []doctor.Check{{Layer: "a", Held: true}, {Layer: "b", Found: "second"}, {Layer: "c", Held: true}})
	if !checks[0].Held || checks[1].Held || checks[1].Found != "second" || checks[2].Found != "first" {
		t.Errorf("%+v", checks)
	}
	shortcuts := []nsjail.Shortcut{{Name: "a", How: "10 pages", Held: 10}, {Name: "b", Why: "first"}}
	together(shortcuts, []nsjail.Shortcut{{Name: "a", Why: "second"}, {Name: "b", How: "5 pages", Held: 5}})
	if shortcuts[0] != (nsjail.Shortcut{Name: "a", Why: "second", Held: 10}) || shortcuts[1].Why != "first" || shortcuts[1].Held != 5 {
		t.Errorf("%+v", shortcuts)
	}
}

// Where others serve, a further jail that cannot start takes little of the machine.
func TestAttemptsToStartAFurtherJailBecomeRare(t *testing.T) {
	jail := new(nsjail.Jail)
	serves, hung := &generation{jail: jail}, &generation{jail: jail, hung: true}
	for _, c := range []struct {
		name    string
		current []*generation
		want    time.Duration
	}{
		{"the only one", []*generation{serves}, longestPause},
		{"another one serves", []*generation{serves, nil}, longestBeside},
		{"none serves", []*generation{hung, nil}, longestPause},
	} {
		if got := (&Profile{current: c.current}).longestPause(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
