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
	maxNesting   = 500 // of arguments: Python's parser stops somewhere below 1,000
)

// Execution is a request that was understood.
type Execution struct {
	Profile string
	Job     nsjail.Job
}

// DecodeExecution reads a request to execute. It is strict, so that a misspelt
// limit is not ignored, and it tells all that is wrong and not just the first.
// The first profile is the default. A duplicate name is refused wherever names
// mean something to us; below args and kwargs they are Python's affair. The job
// aliases the body.
func DecodeExecution(body []byte, profiles []config.Profile) (Execution, *Problem) {
	var given Execution
	var fields jobFields
	f := readForm(body, func(f *form, name []byte) {
		if !fields.read(f, name, &given.Job) {
			f.refuse(CodeInvalidRequest, "unknown field")
		}
	})
	fields.check(f)
	chosen := f.profile(fields.profile, profiles)
	given.Profile, given.Job.Limits = chosen.Name, chosen.Default
	f.limits(fields.limits, &given.Job.Limits, chosen.Max)
	f.fit(given.Job)
	return given, f.problem()
}

// jobFields are what is kept of a request's fields until all are read.
type jobFields struct {
	scripted        bool
	profile, limits []byte // nil: not there
}

// read reads one of the fields that say what to run; it reports whether it is one.
func (j *jobFields) read(f *form, name []byte, job *nsjail.Job) bool {
	switch string(name) {
	case "script":
		j.scripted = true
		job.Script = f.script()
	case "args":
		f.kind(jsonscan.Array)
		var depth int
		job.Args, depth = f.Skip()
		f.shallow(depth)
	case "kwargs":
		job.Kwargs = f.kwargs()
	case "stdin":
		job.Stdin, _ = f.text()
	case "env":
		job.Env = f.variables()
	case "files":
		job.Files = f.files()
	case "collect":
		job.Collect = f.patterns()
	case "last_expression":
		job.LastExpression = f.boolean()
	case "profile":
		j.profile = f.raw()
	case "limits":
		j.limits = f.raw()
	default:
		return false
	}
	return true
}

func (j *jobFields) check(f *form) {
	if !j.scripted {
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

// kwargs reads an object, as it stands in the body.
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
		f.refuse(CodeInvalidRequest, "is nested more than %d levels deep", maxNesting)
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
			f.refuse(CodeInvalidRequest, "must not contain NUL")
		}
		variables[string(name)] = text
	})
	if count > maxVariables {
		f.refuse(CodeInvalidRequest, "has %d variables; the maximum is %d", count, maxVariables)
	}
	return variables
}

// profile finds the one that is asked for; the default where it cannot.
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
		f.refuse(CodeUnknownProfile, "unknown profile; available: %s", strings.Join(names, ", "))
	})
	return chosen
}

// limits overwrites those of given that are asked for; forbidden says why some may
// not be, by their names.
func (f *form) limits(value []byte, given *nsjail.Limits, most nsjail.Limits, forbidden ...string) {
	if value == nil {
		return
	}
	f.again("/limits", value, func() {
		f.object(func(name []byte) {
			i := slices.IndexFunc(config.Limits, func(l config.Limit) bool { return l.Wire == string(name) })
			switch {
			case i < 0:
				f.refuse(CodeInvalidRequest, "unknown limit")
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
