package line

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestTheLineIsFairWhateverHappens does random things to a line, and checks the
// invariants after each: no request waits longer than its turn, no more bytes are
// held than there are, and the next request is the first of its party or, in a late
// line, the last.
func TestTheLineIsFairWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &lineModel{config: Config{
			Places: rapid.IntRange(1, 4).Draw(t, "places"), Waiting: rapid.IntRange(0, 40).Draw(t, "waiting"),
			Bytes: rapid.Int64Range(5, 20).Draw(t, "bytes"),
		}}
		if rapid.Bool().Draw(t, "bytesCount") {
			m.mostBytes = 5
		}
		m.l = New(m.config)
		m.l.now = func() time.Time { return m.now }
		m.now = time.Unix(0, 0)
		for i := range rapid.IntRange(1, 4).Draw(t, "parties") {
			m.parties = append(m.parties, &partyModel{passed: make(map[*partyModel]int), party: Party{
				Name: fmt.Sprint(i), Weight: rapid.Uint64Range(1, 7).Draw(t, "weight"),
				MaxRunning: rapid.IntRange(1, 4).Draw(t, "maxRunning"), MaxWaiting: rapid.IntRange(0, 20).Draw(t, "maxWaiting"),
				MaxBytes: rapid.Int64Range(5, 20).Draw(t, "maxBytes"),
			}})
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrives": m.arrives, "crowd": m.crowd, "leaves": m.leaves, "shrinks": m.shrinks, "givesUp": m.givesUp, "time": m.pass, "": m.check,
		})
	})
}

type lineModel struct {
	now       time.Time
	l         *Line
	config    Config
	mostBytes int64 // the largest number of bytes of a request
	parties   []*partyModel
}

type partyModel struct {
	party   Party
	tickets []*Ticket
	line    []*waiter
	passed  map[*partyModel]int // how many turns others have had while this party waited
}

func (p *partyModel) bytes() (bytes int64) {
	for _, ticket := range p.tickets {
		bytes += ticket.cost.Bytes
	}
	return bytes
}

// first returns the position in its line of a party's next request.
func (m *lineModel) first(p *partyModel) int {
	if oldest := p.line[0]; m.now.Sub(oldest.arrived) > oldest.bound+oldest.bound/2 {
		return len(p.line) - 1
	}
	return 0
}

func (m *lineModel) waits(p *partyModel) bool {
	return len(p.line) > 0 && len(p.tickets) < p.party.MaxRunning && p.bytes()+p.line[m.first(p)].cost.Bytes <= p.party.MaxBytes
}

func (m *lineModel) pass(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
	m.l.mu.Lock()
	m.l.admit(m.now) // as the next event would
	m.l.mu.Unlock()
	m.settle(t)
}

func (m *lineModel) any(t *rapid.T) *partyModel {
	return rapid.SampledFrom(m.parties).Draw(t, "party")
}

func (m *lineModel) count() (counts Counts) {
	for _, p := range m.parties {
		counts.Running += len(p.tickets)
		counts.Waiting += len(p.line)
		counts.Bytes += p.bytes()
	}
	return counts
}

func (m *lineModel) arrives(t *rapid.T) { m.arrive(t, m.any(t)) }

func (m *lineModel) crowd(t *rapid.T) {
	p := m.any(t)
	for range 20 {
		m.arrive(t, p)
	}
}

func (m *lineModel) arrive(t *rapid.T, p *partyModel) {
	counts := m.count()
	cost := Cost{Bytes: rapid.Int64Range(0, m.mostBytes).Draw(t, "cost")}
	wait := rapid.SampledFrom([]time.Duration{1, time.Second, time.Hour}).Draw(t, "wait")
	w, err := m.l.queue(p.party, cost, Patience{Place: wait})
	var want error
	var slow *SlowError
	switch {
	case len(p.line) >= p.party.MaxWaiting:
		want = ErrPartyFull
	case counts.Waiting >= m.config.Waiting:
		want = ErrFull
	}
	if errors.As(err, &slow) && want == nil {
		if slow.Expected <= wait || counts.Waiting == 0 && counts.Running < min(m.config.Places, p.party.MaxRunning) && m.mostBytes == 0 {
			t.Fatalf("party %s: %v, and nobody is before it", p.party.Name, err)
		}
		return
	}
	if err != nil && !errors.Is(err, want) {
		t.Fatalf("party %s: %v, want %v", p.party.Name, err, want)
	}
	if err == nil {
		if want != nil && w.ticket == nil {
			t.Fatalf("party %s: waits, want %v", p.party.Name, want)
		}
		p.line = append(p.line, w)
	}
	m.settle(t)
}

func (m *lineModel) leaves(t *rapid.T) {
	if p := m.any(t); len(p.tickets) > 0 {
		ticket := p.tickets[0]
		p.tickets = p.tickets[1:]
		ticket.Leave()
		ticket.Leave()
		m.settle(t)
	}
}

func (m *lineModel) shrinks(t *rapid.T) {
	if p := m.any(t); len(p.tickets) > 0 {
		p.tickets[0].Shrink(rapid.Int64Range(0, 5).Draw(t, "to"))
		m.settle(t)
	}
}

func (m *lineModel) givesUp(t *rapid.T) {
	p := m.any(t)
	if len(p.line) == 0 {
		return
	}
	i := rapid.IntRange(0, len(p.line)-1).Draw(t, "which")
	w := p.line[i]
	p.line = append(p.line[:i:i], p.line[i+1:]...)
	m.l.mu.Lock()
	m.l.leaveLine(m.l.flows[p.party.Name], w)
	m.l.mu.Unlock()
	m.settle(t)
}

// settle finds the requests that the last action let in, and counts a turn for every
// party that still waits.
func (m *lineModel) settle(t *rapid.T) {
	for _, p := range m.parties {
		for len(p.line) > 0 {
			i := m.first(p)
			w := p.line[i]
			if w.ticket == nil {
				if i := firstAnswered(p.line); i >= 0 {
					t.Fatalf("party %s: number %d of its line was let in out of turn", p.party.Name, i)
				}
				break
			}
			p.tickets = append(p.tickets, w.ticket)
			p.line = append(p.line[:i:i], p.line[i+1:]...)
			clear(p.passed)
			for _, other := range m.parties {
				if other != p {
					other.passed[p]++
				}
			}
		}
	}
}

func firstAnswered(line []*waiter) int {
	for i, w := range line {
		select {
		case <-w.answered:
			return i
		default:
		}
	}
	return -1
}

func (m *lineModel) check(t *rapid.T) {
	counts := m.count()
	if got := m.l.Count(); got != counts || got.Running > m.config.Places || got.Waiting > m.config.Waiting || got.Bytes > m.config.Bytes {
		t.Fatalf("%+v, want %+v within %+v", got, counts, m.config)
	}
	held := false // for a request that has been passed as often as allowed
	for _, p := range m.parties {
		held = held || m.waits(p) && p.line[m.first(p)].passed == maxPassed
	}
	for _, p := range m.parties {
		want := Counts{Running: len(p.tickets), Waiting: len(p.line), Bytes: p.bytes()}
		if got := m.l.CountOf(p.party.Name); got != want || got.Running > p.party.MaxRunning || got.Waiting > p.party.MaxWaiting || got.Bytes > p.party.MaxBytes {
			t.Fatalf("party %s: %+v, want %+v within %+v", p.party.Name, got, want, p.party)
		}
		if !m.waits(p) {
			clear(p.passed)
			continue
		}
		if counts.Running < m.config.Places && counts.Bytes+p.line[m.first(p)].cost.Bytes <= m.config.Bytes && !held {
			t.Fatalf("party %s waits, and there are a place and the bytes", p.party.Name)
		}
		for other, turns := range p.passed {
			most := int((other.party.Weight+p.party.Weight-1)/p.party.Weight) + 1 // #nosec G115 -- from 1 to 8
			if m.mostBytes > 0 {
				most += maxPassed
			}
			if turns > most {
				t.Fatalf("party %s with weight %d waits, and party %s with weight %d has had %d turns, at most %d",
					p.party.Name, p.party.Weight, other.party.Name, other.party.Weight, turns, most)
			}
		}
	}
}
