package supervisor

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestTheLineIsFairWhateverHappens does random things to an admission and
// checks after each what must hold, above all that nobody waits for more than
// the others' turns.
func TestTheLineIsFairWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &lineModel{places: rapid.IntRange(1, 4).Draw(t, "places"), length: rapid.IntRange(0, 40).Draw(t, "length")}
		m.a = newAdmission(m.places, m.length)
		for i := range rapid.IntRange(1, 4).Draw(t, "keys") {
			m.keys = append(m.keys, &keyModel{passed: make(map[*keyModel]int), key: &Key{
				Name: fmt.Sprint(i), share: rapid.IntRange(1, 7).Draw(t, "share"),
				maxRunning: rapid.IntRange(1, 4).Draw(t, "maxRunning"), maxWaiting: rapid.IntRange(0, 20).Draw(t, "maxWaiting"),
			}})
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrives": m.arrives, "crowd": m.crowd, "leaves": m.leaves, "givesUp": m.givesUp, "": m.check,
		})
	})
}

type lineModel struct {
	a              *admission
	places, length int
	keys           []*keyModel
}

type keyModel struct {
	key     *Key
	running int
	line    []*waiter
	passed  map[*keyModel]int // turns that others have had since this one has waited
}

func (k *keyModel) waits() bool { return len(k.line) > 0 && k.running < k.key.maxRunning }

func (m *lineModel) any(t *rapid.T) *keyModel { return rapid.SampledFrom(m.keys).Draw(t, "key") }

func (m *lineModel) count() (running, waiting int) {
	for _, k := range m.keys {
		running += k.running
		waiting += len(k.line)
	}
	return running, waiting
}

func (m *lineModel) arrives(t *rapid.T) { m.arrive(t, m.any(t)) }

func (m *lineModel) crowd(t *rapid.T) {
	k := m.any(t)
	for range 20 {
		m.arrive(t, k)
	}
}

func (m *lineModel) arrive(t *rapid.T, k *keyModel) {
	running, waiting := m.count()
	var want error
	switch {
	case running < m.places && k.running < k.key.maxRunning:
	case len(k.line) >= k.key.maxWaiting:
		want = errKeyLineFull
	case waiting >= m.length:
		want = errLineFull
	}
	w, err := m.a.queue(k.key)
	if !errors.Is(err, want) {
		t.Fatalf("key %s: %v, want %v", k.key.Name, err, want)
	}
	if err == nil {
		k.line = append(k.line, w)
	}
	m.settle(t)
}

func (m *lineModel) leaves(t *rapid.T) {
	if k := m.any(t); k.running > 0 {
		k.running--
		m.a.leave(k.key)
		m.settle(t)
	}
}

func (m *lineModel) givesUp(t *rapid.T) {
	k := m.any(t)
	if len(k.line) == 0 {
		return
	}
	i := rapid.IntRange(0, len(k.line)-1).Draw(t, "which")
	m.a.mu.Lock()
	m.a.remove(m.a.flows[k.key.Name], k.line[i])
	m.a.mu.Unlock()
	k.line = append(k.line[:i:i], k.line[i+1:]...)
	m.settle(t)
}

// settle finds who was let in by the last action, which is at most one, and
// counts it against everybody who still waits.
func (m *lineModel) settle(t *rapid.T) {
	let := 0
	for _, k := range m.keys {
		for i, w := range k.line {
			select {
			case <-w.answered:
			default:
				continue
			}
			let++
			if i > 0 || !w.admitted || let > 1 {
				t.Fatalf("key %s: number %d of its line was answered, admitted: %v, %d in one action", k.key.Name, i, w.admitted, let)
			}
			k.line, k.running = k.line[1:], k.running+1
			clear(k.passed)
			for _, other := range m.keys {
				if other != k {
					other.passed[k]++
				}
			}
			break
		}
	}
}

func (m *lineModel) check(t *rapid.T) {
	running, waiting := m.count()
	if r, w := m.a.count(); r != running || w != waiting || r > m.places || w > m.length {
		t.Fatalf("%d run and %d wait, want %d and %d", r, w, running, waiting)
	}
	for _, k := range m.keys {
		if r, w := m.a.countOf(k.key); r != k.running || w != len(k.line) || r > k.key.maxRunning || w > k.key.maxWaiting {
			t.Fatalf("key %s: %d run and %d wait, want %d and %d", k.key.Name, r, w, k.running, len(k.line))
		}
		if !k.waits() {
			clear(k.passed)
			continue
		}
		if running < m.places {
			t.Fatalf("key %s waits, and there is a place", k.key.Name)
		}
		for other, turns := range k.passed {
			if most := (other.key.share+k.key.share-1)/k.key.share + 1; turns > most {
				t.Fatalf("key %s with share %d waits, and key %s with share %d has had %d turns, at most %d",
					k.key.Name, k.key.share, other.key.Name, other.key.share, turns, most)
			}
		}
	}
}
