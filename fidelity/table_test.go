package fidelity_test

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	file     = "differences.txt"
	unknown  = "not looked into yet" // the reason that -update gives
	flickers = "sometimes: "         // how the reason begins for tests that may pass
	waits    = "waits for ever: "    // and for those that do not run in a cell
)

const passed = "passed"

// outcome is what came of one test, and in short why.
type outcome struct{ what, why string }

// report has the outcomes of a module's tests by id.
type report map[string]outcome

func (r report) passed() (n int) {
	for _, outcome := range r {
		if outcome.what == passed {
			n++
		}
	}
	return n
}

// expected is the report of a suite of which all passes that is not skipped.
func (r report) expected() report {
	all := make(report)
	for id, outcome := range r {
		if outcome.what != "skipped" {
			outcome.what = passed
			all[id] = outcome
		}
	}
	return all
}

// place is a test: the module that runs, and the rest of the test's name.
type place struct{ module, test string }

// table has the tests that pass outside and not inside, with the reason.
type table struct {
	mu      sync.Mutex
	head    []string
	reasons []string // in the order of the file
	entries map[place]string
	// What is not in the table and what has to go; for -update.
	found, gone []place
}

// readTable reads differences.txt: reasons are lines in brackets, and below each are
// lines of a module and a test.
func readTable(t *testing.T) *table {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	k := &table{entries: make(map[place]string)}
	reason := ""
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		line := lines.Text()
		title, ok := strings.CutPrefix(line, "[")
		switch module, test, two := strings.Cut(line, " "); {
		case strings.HasPrefix(line, "#"):
			k.head = append(k.head, line)
		case line == "":
		case ok && strings.HasSuffix(title, "]"):
			reason = strings.TrimSuffix(title, "]")
			k.reasons = append(k.reasons, reason)
		case !two || reason == "":
			t.Errorf("%s: %q has no module, no test or no reason", file, line)
		default:
			if k.entries[place{module, test}] != "" {
				t.Errorf("%s has %s twice", file, line)
			}
			k.entries[place{module, test}] = reason
		}
	}
	return k
}

func (k *table) write(t *testing.T) {
	t.Helper()
	var text strings.Builder
	text.WriteString(strings.Join(k.head, "\n") + "\n")
	for _, at := range k.found {
		k.entries[at] = unknown
	}
	for _, at := range k.gone {
		delete(k.entries, at)
	}
	if !slices.Contains(k.reasons, unknown) {
		k.reasons = append(k.reasons, unknown)
	}
	for _, reason := range k.reasons {
		var lines []string
		for at, why := range k.entries {
			if why == reason {
				lines = append(lines, at.module+" "+at.test)
			}
		}
		if len(lines) > 0 {
			slices.Sort(lines)
			text.WriteString("\n[" + reason + "]\n" + strings.Join(lines, "\n") + "\n")
		}
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// waiting returns the tests of a module that would not end in a cell, by id.
func (k *table) waiting(module string) (ids []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for at, reason := range k.entries {
		if at.module == module && strings.HasPrefix(reason, waits) {
			ids = append(ids, at.test, module+"."+at.test)
		}
	}
	return ids
}

// doubtful returns the tests that count against a module for what they did outside, and
// in a cell. What depends on the machine's load does otherwise when it runs again.
func (k *table) doubtful(module string, outside, inside report) (out, in []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(outside)) {
		reason := k.entries[place{module, strings.TrimPrefix(id, module+".")}]
		switch what := outside[id].what; {
		case reason == "" && what == passed && inside[id].what != passed:
			in = append(in, id)
		case reason != "" && what != passed && what != "skipped":
			out = append(out, id)
		}
	}
	return out, in
}

// judge compares the reports of a module with each other and with the table, and
// returns what is wrong.
func (k *table) judge(module string, outside, inside report) (wrong []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	complain := func(format string, values ...any) { wrong = append(wrong, fmt.Sprintf(format, values...)) }
	at := func(id string) place { return place{module, strings.TrimPrefix(id, module+".")} }
	for _, id := range slices.Sorted(maps.Keys(outside)) {
		if outside[id].what != passed {
			continue
		}
		got, ran := inside[id]
		if !ran { // it did not come to it
			got = inside[module]
		}
		switch reason, known := k.entries[at(id)]; {
		case got.what == passed && known && !strings.HasPrefix(reason, flickers):
			complain("%s passes in a cell: remove it from %s", id, file)
			k.gone = append(k.gone, at(id))
		case got.what != passed && !known:
			complain("%s passes outside, and in a cell: %q %s", id, got.what, strings.Join(strings.Fields(got.why), " "))
			k.found = append(k.found, at(id))
		}
	}
	for entry, reason := range k.entries {
		got, ran := outside[entry.test]
		if !ran {
			got, ran = outside[module+"."+entry.test]
		}
		// What is skipped needs something that this machine does not have.
		if entry.module != module || strings.HasPrefix(reason, flickers) || got.what == passed || got.what == "skipped" || outside[module].what == "skipped" {
			continue
		}
		complain("%s %s does not pass outside (it ran: %v, %s): remove it from %s", entry.module, entry.test, ran, got.why, file)
		k.gone = append(k.gone, entry)
	}
	return wrong
}

func TestTheTableOnlyShrinks(t *testing.T) {
	pass, fail, skip := outcome{passed, ""}, outcome{"failed", "why"}, outcome{"skipped", ""}
	for name, c := range map[string]struct {
		entry           string // the reason; empty: none
		outside, inside report
		wrong           string // a part; empty: nothing
	}{
		"the same":                       {"", report{"m.T.a": pass}, report{"m.T.a": pass}, ""},
		"no entry":                       {"", report{"m.T.a": pass}, report{"m.T.a": fail}, `m.T.a passes outside, and in a cell: "failed" why`},
		"not run inside":                 {"", report{"m.T.a": pass}, report{"m": fail}, `"failed" why`},
		"skipped inside":                 {"", report{"m.T.a": pass}, report{"m.T.a": skip}, `"skipped"`},
		"an entry":                       {"why", report{"m.T.a": pass}, report{"m.T.a": fail}, ""},
		"an entry that passes":           {"why", report{"m.T.a": pass}, report{"m.T.a": pass}, "m.T.a passes in a cell: remove it"},
		"an entry that may pass":         {flickers + "why", report{"m.T.a": pass}, report{"m.T.a": pass}, ""},
		"an entry that is not outside":   {"why", report{"m.T.b": pass}, report{"m.T.b": pass}, "m T.a does not pass outside"},
		"an entry that fails outside":    {"why", report{"m.T.a": fail}, report{"m.T.a": fail}, "m T.a does not pass outside"},
		"an entry that is skipped there": {"why", report{"m.T.a": skip}, report{"m.T.a": fail}, ""},
		"a failure on both sides":        {"", report{"m.T.a": fail}, report{"m.T.a": fail}, ""},
	} {
		k := &table{entries: make(map[place]string)}
		if c.entry != "" {
			k.entries[place{"m", "T.a"}] = c.entry
		}
		wrong := strings.Join(k.judge("m", c.outside, c.inside), "; ")
		if (wrong == "") != (c.wrong == "") || !strings.Contains(wrong, c.wrong) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
