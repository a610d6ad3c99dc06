package supervisor

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/terminals"
)

// testMemory is the memory that parties share where its size does not matter.
var testMemory = budget.Budget{Bodies: int64(config.Default().MaxBodies), Answers: 1 << 30}

// In a service without keys, clients are distinguished by their addresses.
func TestWithoutKeysAnAddressIsAParty(t *testing.T) {
	cfg := config.Default()
	open := cfg
	open.OpenToAll = true
	from := func(cfg config.Config, address string) keys.Party {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = address
		return (&Service{cfg: cfg, memory: testMemory}).partyOf(r, new(exchange))
	}
	for _, test := range []struct {
		cfg  config.Config
		a, b string
		same bool
	}{
		{open, "192.0.2.1:1000", "192.0.2.1:2000", true},
		{open, "192.0.2.1:1000", "192.0.2.2:1000", false},
		{open, "[2001:db8::1]:1000", "[2001:db8::2]:1000", true},
		{open, "[2001:db8::1]:1000", "[2001:db8:0:1::1]:1000", false},
		{cfg, "127.0.0.1:1000", "127.0.0.2:1000", true},
	} {
		if same := from(test.cfg, test.a).Name == from(test.cfg, test.b).Name; same != test.same {
			t.Errorf("%s and %s are one party: %v, want %v", test.a, test.b, same, test.same)
		}
	}
}

// What is sent to a sandbox of another node has a token that only that node knows.
func TestOfAServiceWithKeysARequestWithoutOneIsItsAddresses(t *testing.T) {
	s := &Service{cfg: config.Default(), memory: testMemory, keys: new(keys.Ring)}
	from := func(address string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.RemoteAddr = address
		return s.partyOf(r, new(exchange)).Name
	}
	if a, b := from("192.0.2.1:1000"), from("192.0.2.2:1000"); a == b || a != from("192.0.2.1:2000") {
		t.Errorf("%q and %q", a, b)
	}
}

func TestARequestOfAnAssistantIsItsClients(t *testing.T) {
	cfg := config.Default()
	cfg.OpenToAll = true
	s := &Service{cfg: cfg}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", http.NoBody)
	outer := &exchange{party: s.partyOf(r, new(exchange))}
	r.RemoteAddr = "within"
	if got := s.partyOf(r, &exchange{outer: outer}); got != outer.party {
		t.Errorf("%+v, want %+v", got, outer.party)
	}
}

func TestTerminalsAreSharedByParties(t *testing.T) {
	terminals := terminals.NewPlaces(4)
	one, other := keys.Party{MaxTerminals: 3}, keys.Party{MaxTerminals: 3}
	one.Name, other.Name = "one", "other"
	var leave func()
	for range 3 {
		var problem *api.Problem
		if leave, problem = terminals.Enter(one); problem != nil {
			t.Fatal(problem)
		}
	}
	if _, problem := terminals.Enter(one); problem == nil || problem.Code != api.CodeRateLimited || problem.RetryAfter == 0 {
		t.Errorf("one party has all terminals: %v", problem)
	}
	if _, problem := terminals.Enter(other); problem != nil {
		t.Errorf("one party has what is another's: %v", problem)
	}
	if _, problem := terminals.Enter(other); problem == nil || problem.Code != api.CodeSaturated {
		t.Errorf("more terminals than there are: %v", problem)
	}
	leave()
	if _, problem := terminals.Enter(other); problem != nil || terminals.Count() != 4 {
		t.Errorf("%v, %d are open", problem, terminals.Count())
	}
}
