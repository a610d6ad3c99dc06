package keys

import (
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestOneOfSeveralMayNotHaveAll(t *testing.T) {
	for all, want := range map[int]int{0: 0, 1: 1, 2: 1, 3: 2, 4: 3, 8: 6, 16: 12, 1024: 768, 1027: 770} {
		if got := most(all); got != want {
			t.Errorf("%d of %d, want %d", got, all, want)
		}
	}
}

// None of several parties may have all of anything.
func TestAPartyMayHaveHalfAndMoreButNotAll(t *testing.T) {
	cfg := config.Default()
	one, all := OfAddress(cfg, testMemory, "192.0.2.1"), Everybody(cfg)
	usual := keyEntry{share: 1, rights: []string{"execute"}, maxRunning: -1, maxWaiting: -1, maxSessions: -1, maxTerminals: -1}
	key := keysOf([]keyEntry{usual, usual}, cfg, testMemory, nil)[0]
	for what, numbers := range map[string][2]int64{
		"places":          {int64(one.MaxRunning), int64(cfg.MaxRunning)},
		"the line":        {int64(one.MaxWaiting), int64(cfg.MaxWaiting)},
		"answers' bytes":  {one.MaxBytes, testMemory.Answers},
		"bodies' bytes":   {one.MaxReserved, testMemory.Bodies},
		"sessions":        {int64(one.MaxSessions), int64(cfg.MaxSessions)},
		"terminals":       {int64(one.MaxTerminals), int64(cfg.TTYMax)},
		"keys' sessions":  {int64(key.party.MaxSessions), int64(cfg.MaxSessions)},
		"keys' terminals": {int64(key.party.MaxTerminals), int64(cfg.TTYMax)},
	} {
		if numbers[0] < numbers[1]/2 || numbers[0] >= numbers[1] {
			t.Errorf("%s: an address may have %d of %d", what, numbers[0], numbers[1])
		}
	}
	if all.MaxRunning < cfg.MaxRunning || all.MaxSessions != cfg.MaxSessions || all.MaxTerminals != cfg.TTYMax {
		t.Errorf("on loopback there is one party, and it may have all: %+v", all)
	}
}

// Keys that may run nothing take no share of what is shared.
func TestKeysThatMayRunNothingTakeNoShare(t *testing.T) {
	cfg := config.Default()
	entry := func(name string, share int, rights ...string) keyEntry {
		return keyEntry{name: name, share: share, rights: rights, maxRunning: -1, maxWaiting: -1, maxSessions: -1, maxTerminals: -1}
	}
	admin := entry("operator", 100, "admin")
	one, other := entry("one", 1, "execute"), entry("other", 3, "sessions")
	without, with := keysOf([]keyEntry{one, other}, cfg, testMemory, nil), keysOf([]keyEntry{one, admin, other}, cfg, testMemory, nil)
	if without[0].party != with[0].party || without[1].party != with[2].party {
		t.Errorf("an operator's key changes %+v into %+v", without[0].party, with[0].party)
	}
	alone := keysOf([]keyEntry{one, admin}, cfg, testMemory, nil)[0]
	if alone.party.MaxRunning != cfg.MaxRunning || alone.party.MaxWaiting != cfg.MaxWaiting || alone.party.MaxSessions != cfg.MaxSessions {
		t.Errorf("the only key that runs may have everything: %+v", alone.party)
	}
}
