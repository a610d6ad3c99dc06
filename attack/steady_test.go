package attack

import (
	"regexp"
	"slices"
	"testing"
)

// needs reports whether an alternative can hold only if the answer has one of these
// words in this field.
func (a alternative) needs(field string, words ...string) bool {
	return slices.ContainsFunc(a.terms, func(t term) bool {
		return t.field == field && !t.not && !slices.ContainsFunc(t.words, func(w string) bool { return !slices.Contains(words, w) })
	})
}

// mayRunOut reports whether the end of the wall clock time is one of the ends that an
// alternative allows.
func (a alternative) mayRunOut() bool {
	timeout := slices.ContainsFunc(a.terms, func(t term) bool { return t.field == "status" && !t.not && slices.Contains(t.words, "timeout") })
	return timeout && !slices.ContainsFunc(a.terms, func(t term) bool { return t.field == "limit" && t.not == slices.Contains(t.words, "wall") })
}

func (a alternative) shows() bool {
	return slices.ContainsFunc(a.terms, func(t term) bool {
		return slices.Contains([]string{"stdout", "stderr", "outputs", "files"}, t.field) && !t.not && !slices.Equal(t.words, []string{"none"}) && t.value != ""
	})
}

func eachPart(t *testing.T, visit func(name string, part int, c Case, p Part)) {
	t.Helper()
	cases, err := Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for i, p := range c.Parts {
			visit(c.Name, i+1, c, p)
		}
	}
}

// A script may fall by what it does, and not because its machine is slow or busy.
func TestNoAttackFallsBecauseAMachineIsSlow(t *testing.T) {
	eachPart(t, func(name string, part int, _ Case, p Part) {
		wall, bounded := p.limits["wall_ms"]
		switch {
		case bounded && wall < 10_000 && !slices.ContainsFunc(p.expect, alternative.mayRunOut):
			t.Errorf("%s, part %d: wall_ms is %d; what must come to its own end has 10000 or more", name, part, wall)
		case bounded && wall < 2000 && !slices.ContainsFunc(p.expect, func(a alternative) bool { return !a.mayRunOut() || !a.shows() }):
			t.Errorf("%s, part %d: wall_ms is %d; what must show something before the time is over has 2000 or more", name, part, wall)
		case p.within > 0 && p.within < 8000:
			t.Errorf("%s, part %d: within is %d; it is 8000 or more, or not there", name, part, p.within)
		}
	})
}

// Nor does it stand only because a machine is busy: what only a cgroup counts has the
// tag, so that it is not tried where there are none.
func TestWhatOnlyCgroupsHoldIsTagged(t *testing.T) {
	counts := regexp.MustCompile(`RUSAGE_CHILDREN|process_time|os\.times|CLOCK_PROCESS_CPUTIME`)
	eachPart(t, func(name string, part int, c Case, p Part) {
		if c.Tags[TagCgroup] != "" {
			return
		}
		if counts.MatchString(p.script) {
			t.Errorf("%s, part %d: it counts processor time, and has not the tag %s", name, part, TagCgroup)
		}
		if !slices.ContainsFunc(p.expect, func(a alternative) bool {
			return !a.needs("status", "memory_limit") && !a.needs("limit", "cpu") && !a.needs("limit", "memory") && !a.needs("limit", "processes")
		}) {
			t.Errorf("%s, part %d: it expects nothing but an end by a limit that cgroups keep, and has not the tag %s", name, part, TagCgroup)
		}
	})
}
