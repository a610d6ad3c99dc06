package api

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	maxScript    = 1 << 20
	maxVariables = 256
	maxNesting   = 500 // of arguments; Python's parser fails somewhere below 1,000
)

// Execution is a decoded request to execute.
type Execution struct {
	Profile string
	Job     nsjail.Job
}

// DecodeExecution decodes a request to execute. It is strict, so that a misspelt
// limit is not ignored, and it reports every error and not only the first. The first
// profile is the default. Duplicate names are errors, except within args and kwargs,
// which Python reads. The job aliases the body.
func DecodeExecution(body []byte, profiles []config.Profile) (Execution, *Problem) {
	f, given := readForm(body, executionFields, scriptForm{})
	given.needsScript(f)
	f.program(&given.job)
	chosen := f.profile(given.profile, profiles)
	given.job.Limits = chosen.Default
	f.limits(given.limits, &given.job.Limits, chosen.Max)
	f.fit(&given.job)
	return Execution{Profile: chosen.Name, Job: given.job}, f.problem()
}

// scriptForm holds the fields of a request that runs a script until all are read.
type scriptForm struct {
	job             nsjail.Job
	profile, limits []byte // nil: missing
	scripted        bool
	columns, rows   uint16 // for terminals
}

// executionFields lists the fields of [DecodeExecution]. [DecodeCall] and
// [DecodeTerminal] use some of them. CONTRIBUTING.md, "a request field", lists everything
// else that a new field needs.
var executionFields = []field[scriptForm]{
	{"script", func(f *form, s *scriptForm) { s.scripted, s.job.Script = true, f.script() }},
	{"args", func(f *form, s *scriptForm) { s.job.Args = f.args() }},
	{"kwargs", func(f *form, s *scriptForm) { s.job.Kwargs = f.kwargs() }},
	{"stdin", func(f *form, s *scriptForm) { s.job.Stdin, _ = f.text() }},
	{"env", func(f *form, s *scriptForm) { s.job.Env = f.variables() }},
	{"files", func(f *form, s *scriptForm) { s.job.Files = f.files() }},
	{"collect", func(f *form, s *scriptForm) { s.job.Collect = f.patterns() }},
	{"last_expression", func(f *form, s *scriptForm) { s.job.LastExpression = f.boolean() }},
	{"display", func(f *form, s *scriptForm) { s.job.Display = f.boolean() }},
	{"mode", func(f *form, s *scriptForm) { s.job.Mode = f.mode() }},
	{"profile", func(f *form, s *scriptForm) { s.profile = f.raw() }},
	{"limits", func(f *form, s *scriptForm) { s.limits = f.raw() }},
}

func (s *scriptForm) needsScript(f *form) {
	if !s.scripted {
		f.refuseAt(CodeInvalidRequest, "/script", "is missing")
	}
}

func (f *form) script() string {
	script, _ := f.text()
	if len(script) > maxScript {
		f.refuse(CodeTooLarge, "has %d bytes; the maximum is %d", len(script), maxScript)
	}
	return script
}

// args reads an array, and returns it as it stands in the body.
func (f *form) args() []byte {
	if !f.kind(jsonscan.Array) {
		return nil
	}
	value, depth := f.Skip()
	f.shallow(depth)
	return value
}

// kwargs reads an object, and returns it as it stands in the body.
func (f *form) kwargs() []byte {
	deepest := 0
	value := f.Whole(func() {
		f.object(func([]byte) {
			_, depth := f.Skip()
			deepest = max(deepest, depth+1)
		})
	})
	f.shallow(deepest)
	return value
}

func (f *form) shallow(depth int) {
	if depth > maxNesting {
		f.refuse(CodeInvalidRequest, "is nested %d levels deep; the maximum is %d", depth, maxNesting)
	}
}

func (f *form) variables() map[string]string {
	variables := make(map[string]string)
	count := 0
	f.object(func(name []byte) {
		if count++; count > maxVariables {
			return
		}
		text, _ := f.text()
		switch {
		case len(name) == 0:
			f.refuse(CodeInvalidRequest, "an environment variable needs a name")
		case bytes.ContainsAny(name, "=\x00"):
			f.refuse(CodeInvalidRequest, "the name of an environment variable must not contain = or NUL")
		case strings.ContainsRune(text, 0):
			f.refuse(CodeInvalidRequest, "must not contain NUL, and has it at byte %d", strings.IndexByte(text, 0))
		}
		variables[string(name)] = text
	})
	if count > maxVariables {
		f.refuse(CodeInvalidRequest, "has %d variables; the maximum is %d", count, maxVariables)
	}
	return variables
}

// profile returns the requested profile, or the default if there is none or it is
// unknown.
func (f *form) profile(value []byte, profiles []config.Profile) config.Profile {
	if value == nil {
		return profiles[0]
	}
	chosen := profiles[0]
	f.again("/profile", value, func() {
		name, ok := f.text()
		if !ok {
			return
		}
		var names []string
		for _, profile := range profiles {
			if profile.Name == name {
				chosen = profile
				return
			}
			names = append(names, strconv.Quote(profile.Name))
		}
		f.refuse(CodeUnknownProfile, "unknown profile %q; available: %s", Shorten(name), strings.Join(names, ", "))
	})
	return chosen
}

// limits sets the requested limits in given. None may exceed most. forbidden names
// the limits that may not be requested.
func (f *form) limits(value []byte, given *nsjail.Limits, most nsjail.Limits, forbidden ...string) {
	if value == nil {
		return
	}
	f.again("/limits", value, func() {
		f.object(func(name []byte) {
			i := slices.IndexFunc(config.Limits, func(l config.Limit) bool { return l.Wire == string(name) })
			switch {
			case i < 0:
				if f.records(CodeInvalidRequest) {
					f.refuse(CodeInvalidRequest, "unknown limit; available: %s", strings.Join(limitsBut(forbidden), ", "))
				}
				return
			case slices.Contains(forbidden, config.Limits[i].Wire):
				f.refuse(CodeInvalidRequest, "does not apply to a terminal")
			}
			limit := config.Limits[i]
			if n, ok := f.whole(limit.Least, limit.Amount(&most)); ok {
				limit.Set(given, n)
			}
		})
	})
}

// limitsBut returns the names of all limits but the forbidden ones.
func limitsBut(forbidden []string) (names []string) {
	for _, limit := range config.Limits {
		if !slices.Contains(forbidden, limit.Wire) {
			names = append(names, limit.Wire)
		}
	}
	return names
}
