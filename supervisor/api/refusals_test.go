package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

// wrongValues are values of which every field refuses some.
var wrongValues = []string{
	"true", "-7", "1.5", "98765432109876543210", `"no such value"`, `"nul\u0000"`, "123" + strings.Repeat("4", 10_000), `"` + strings.Repeat("é", 100_000) + `"`,
}

// A refusal names the field, repeats the value, and says what is allowed. Of a value that
// is long it has the beginning, or the number of bytes.
func TestARefusalRepeatsTheValue(t *testing.T) {
	profile := config.Default().Profile
	execution := func(body string) *Problem { _, p := DecodeExecution([]byte(body), testProfiles); return p }
	call := func(body string) *Problem {
		_, p := DecodeCall([]byte(body), profile.Default, protocol.ScriptFunction, &profile)
		return p
	}
	session := func(body string) *Problem {
		_, p := DecodeSession([]byte(body), testProfiles, time.Hour, time.Hour)
		return p
	}
	lifetime := func(body string) *Problem { _, p := DecodeLifetime([]byte(body), time.Hour); return p }
	batch := func(body string) *Problem { _, p := DecodeBatch([]byte(body), testProfiles); return p }
	ofCase := func(body string) *Problem {
		_, p := (&Batch{job: nsjail.Job{Limits: profile.Default}}).Case(3, []byte(body))
		return p
	}
	job := func(body string) *Problem { _, p := DecodeJob([]byte(body), "", time.Hour); return p }
	terminal := func(body string) *Problem {
		_, p := DecodeTerminal([]byte(body), testProfiles, time.Hour)
		return p
	}
	control := func(body string) *Problem { _, p := DecodeControl([]byte(body)); return p }

	places := []struct {
		decode func(body string) *Problem
		body   string // with %s for the members
		at     string
		names  []string
	}{
		{execution, `{%s}`, "", namesOf(executionFields)},
		{execution, `{"limits": {%s}}`, "/limits", limitsBut(nil)},
		{execution, `{"files": [{%s}]}`, "/files/0", namesOf(fileFields)},
		{execution, `{"env": {%s}}`, "/env", []string{"NAME"}},
		{call, `{%s}`, "", namesOf(only(executionFields, without(namesOf(executionFields), "profile")...))},
		{call, `{"limits": {%s}}`, "/limits", limitsBut(nil)},
		{session, `{%s}`, "", namesOf(sessionFields)},
		{session, `{"limits": {%s}}`, "/limits", limitsBut(nil)},
		{lifetime, `{%s}`, "", namesOf(lifetimeFields)},
		{batch, `{%s}`, "", namesOf(batchFields)},
		{ofCase, `{%s}`, "/cases/3", namesOf(caseFields)},
		{job, `{%s}`, "", namesOf(jobFields)},
		{job, `{"webhook": {%s}}`, "/webhook", namesOf(webhookFields)},
		{terminal, `{%s}`, "", namesOf(terminalFields)},
		{terminal, `{"limits": {%s}}`, "/limits", TerminalLimits()},
		{control, `{%s}`, "", namesOf(controlFields)},
		{control, `{"resize": {%s}}`, "/resize", namesOf(sizeFields)},
	}
	for _, place := range places {
		for _, name := range place.names {
			refused := 0
			for _, value := range wrongValues {
				body := fmt.Sprintf(place.body, fmt.Sprintf("%q: %s", name, value))
				refused += checkRefusal(t, place.decode(body), body, place.at+"/"+name, value)
			}
			if refused == 0 {
				t.Errorf("%s: %s/%s takes everything", place.body, place.at, name)
			}
		}
	}
	for body, at := range map[string]string{ // items of arrays
		`{"collect": [%s]}`:                 "/collect/0",
		`{"files": [%s]}`:                   "/files/0",
		`{"mode": "program", "args": [%s]}`: "/args/0",
	} {
		for _, value := range wrongValues {
			body := fmt.Sprintf(body, value)
			checkRefusal(t, execution(body), body, at, value)
		}
	}
}

// checkRefusal checks what the problem says of the value at a pointer, and returns how
// many errors it has about it.
func checkRefusal(t *testing.T, problem *Problem, body, pointer, value string) (refused int) {
	t.Helper()
	if problem == nil {
		return 0
	}
	var text string
	shown := []string{Shorten(value)}
	if json.Unmarshal([]byte(value), &text) == nil {
		shown = []string{fmt.Sprintf("%q", Shorten(text)), fmt.Sprintf("has %d bytes", len(text)), fmt.Sprintf("has a part of %d bytes", len(text))}
		if at := strings.IndexByte(text, 0); at >= 0 {
			shown = append(shown, fmt.Sprintf("at byte %d", at))
		}
	}
	for _, fault := range problem.Errors {
		if fault.Pointer != pointer {
			continue
		}
		refused++
		repeats := false
		for _, text := range shown {
			repeats = repeats || strings.Contains(fault.Message, text)
		}
		if !repeats || len(fault.Message) > 600 {
			t.Errorf("%.80s: %s: %.800q does not repeat %.80s", body, pointer, fault.Message, value)
		}
	}
	return refused
}

func without(names []string, some ...string) (others []string) {
	for _, name := range names {
		listed := false
		for _, other := range some {
			listed = listed || name == other
		}
		if !listed {
			others = append(others, name)
		}
	}
	return others
}

// What is unknown is refused with what there is.
func TestWhatIsUnknownIsRefusedWithWhatThereIs(t *testing.T) {
	profile := config.Default().Profile
	_, execution := DecodeExecution([]byte(`{"scrpt": "", "limits": {"wall": 1}}`), testProfiles)
	_, call := DecodeCall([]byte(`{"script": "", "session": 1}`), profile.Default, "", &profile)
	_, terminal := DecodeTerminal([]byte(`{"cols": 1, "rows": 1, "limits": {"wall": 1}}`), testProfiles, time.Hour)
	for _, c := range []struct {
		problem       *Problem
		pointer, want string
	}{
		{execution, "/scrpt", "unknown field; available: args, collect, display, env, files, kwargs, last_expression, limits, mode, profile, script, stdin"},
		{execution, "/limits/wall", "unknown limit; available: " + strings.Join(limitsBut(nil), ", ")},
		{call, "/session", "unknown field; available: args, collect, display, env, files, kwargs, last_expression, limits, mode, script, stdin"},
		{terminal, "/limits/wall", "unknown limit; available: wall_ms, cpu_ms, memory_bytes, disk_bytes, processes"},
	} {
		if c.problem == nil || len(c.problem.Errors) == 0 {
			t.Errorf("%s is taken", c.pointer)
			continue
		}
		found := false
		for _, fault := range c.problem.Errors {
			found = found || fault == FieldError{c.pointer, c.want}
		}
		if !found {
			t.Errorf("%+v; want %s: %s", c.problem.Errors, c.pointer, c.want)
		}
	}
}
