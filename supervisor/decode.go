package supervisor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail"
)

const (
	maxScript    = 1 << 20
	maxVariables = 256
	maxNesting   = 500 // of arguments: Python's parser stops somewhere below 1,000
)

// execution is a request that was understood.
type execution struct {
	profile string
	job     nsjail.Job
}

// decodeExecution reads a request to execute. It is strict, so that a misspelt
// limit is not ignored, and it tells all that is wrong and not just the first.
// The first profile is the default. A duplicate name is refused wherever names
// mean something to us; below args and kwargs they are Python's affair.
func decodeExecution(body []byte, profiles []ProfileConfig) (execution, *Problem) {
	if problem := checkObject(body); problem != nil {
		return execution{}, problem
	}
	form := form{}
	var given execution
	var profile, asked json.RawMessage
	var scripted bool
	form.object("", body, func(name, at string, value json.RawMessage) {
		switch name {
		case "script":
			scripted = true
			given.job.Script = form.text(at, value)
			if len(given.job.Script) > maxScript {
				form.refuse(CodeTooLarge, at, "has %d bytes, and at most %d are taken", len(given.job.Script), maxScript)
			}
		case "args":
			form.kind(at, value, "an array")
			given.job.Args = form.shallow(at, value)
		case "kwargs":
			form.object(at, value, func(string, string, json.RawMessage) {})
			given.job.Kwargs = form.shallow(at, value)
		case "stdin":
			given.job.Stdin = form.text(at, value)
		case "env":
			given.job.Env = form.variables(at, value)
		case "limits":
			asked = value
		case "profile":
			profile = value
		case "files", "collect":
			if form.kind(at, value, "an array") && len(bytes.TrimSpace(value[1:len(value)-1])) > 0 {
				form.refuse(CodeInvalidRequest, at, "is not supported yet by this server")
			}
		default:
			form.refuse(CodeInvalidRequest, at, "there is no such field")
		}
	})
	if !scripted {
		form.refuse(CodeInvalidRequest, "/script", "is missing")
	}
	chosen := form.profile(profile, profiles)
	given.profile, given.job.Limits = chosen.Name, chosen.Default
	if asked != nil {
		form.limits("/limits", asked, &given.job.Limits, chosen.Max)
	}
	return given, form.problem()
}

// form gathers what is wrong with a request.
type form struct {
	errors []FieldError
	codes  []Code
}

func (f *form) refuse(code Code, at, message string, args ...any) {
	f.codes = append(f.codes, code)
	f.errors = append(f.errors, FieldError{Pointer: at, Message: fmt.Sprintf(message, args...)})
}

// problem is the refusal, or nil. Of several codes the first in this order is
// given: the others may well go away with what it names.
func (f *form) problem() *Problem {
	for _, code := range []Code{CodeTooLarge, CodeInvalidRequest, CodeUnknownProfile, CodeLimitTooHigh} {
		if i := slices.Index(f.codes, code); i >= 0 {
			p := refuse(code, "%s: %s", f.errors[i].Pointer, f.errors[i].Message)
			p.Errors = f.errors
			return p
		}
	}
	return nil
}

func (f *form) kind(at string, value json.RawMessage, want string) bool {
	kind := kindOf(value)
	if kind != want {
		f.refuse(CodeInvalidRequest, at, "must be %s, is %s", want, kind)
	}
	return kind == want
}

func (f *form) text(at string, value json.RawMessage) string {
	var text string
	if f.kind(at, value, "a string") {
		_ = json.Unmarshal(value, &text) // it is a valid string
	}
	return text
}

func (f *form) object(at string, value json.RawMessage, member func(name, at string, value json.RawMessage)) {
	if at != "" && !f.kind(at, value, "an object") {
		return
	}
	seen := make(map[string]bool)
	eachMember(value, func(name string, value json.RawMessage) {
		below := pointer(at, name)
		if seen[name] {
			f.refuse(CodeInvalidRequest, below, "appears twice")
			return
		}
		seen[name] = true
		member(name, below, value)
	})
}

func (f *form) shallow(at string, value json.RawMessage) json.RawMessage {
	if nesting(value) > maxNesting {
		f.refuse(CodeInvalidRequest, at, "is nested more than %d deep", maxNesting)
	}
	return value
}

func (f *form) variables(at string, value json.RawMessage) map[string]string {
	variables := make(map[string]string)
	f.object(at, value, func(name, at string, value json.RawMessage) {
		text := f.text(at, value)
		switch {
		case name == "":
			f.refuse(CodeInvalidRequest, at, "an environment variable needs a name")
		case strings.ContainsAny(name, "=\x00"):
			f.refuse(CodeInvalidRequest, at, "the name of an environment variable must hold neither = nor NUL")
		case strings.ContainsRune(text, 0):
			f.refuse(CodeInvalidRequest, at, "must not hold NUL")
		}
		variables[name] = text
	})
	if len(variables) > maxVariables {
		f.refuse(CodeInvalidRequest, at, "has %d variables, and at most %d are taken", len(variables), maxVariables)
	}
	return variables
}

// profile finds the one that is asked for; the default where it cannot.
func (f *form) profile(value json.RawMessage, profiles []ProfileConfig) ProfileConfig {
	if value == nil || !f.kind("/profile", value, "a string") {
		return profiles[0]
	}
	name := f.text("/profile", value)
	var names []string
	for _, profile := range profiles {
		if profile.Name == name {
			return profile
		}
		names = append(names, strconv.Quote(profile.Name))
	}
	f.refuse(CodeUnknownProfile, "/profile", "is none of the profiles there are: %s", strings.Join(names, ", "))
	return profiles[0]
}

// limits overwrites those of given that are asked for.
func (f *form) limits(at string, value json.RawMessage, given *nsjail.Limits, most nsjail.Limits) {
	f.object(at, value, func(name, at string, value json.RawMessage) {
		i := slices.IndexFunc(limits, func(l limit) bool { return l.wire == name })
		if i < 0 {
			f.refuse(CodeInvalidRequest, at, "there is no such limit")
			return
		}
		limit, text := limits[i], string(value)
		if !f.kind(at, value, "a number") {
			return
		}
		n, err := strconv.ParseInt(text, 10, 64)
		switch most := limit.amount(&most); {
		case strings.ContainsAny(text, ".eE"):
			f.refuse(CodeInvalidRequest, at, "must be a whole number, written without fraction and exponent")
		case text[0] == '-' || err == nil && n < limit.least:
			f.refuse(CodeInvalidRequest, at, "must be at least %d", limit.least)
		case err != nil || n > most: // err: more than 64 bits
			f.refuse(CodeLimitTooHigh, at, "is over this server's maximum of %d", most)
		default:
			limit.give(given, n)
		}
	})
}
