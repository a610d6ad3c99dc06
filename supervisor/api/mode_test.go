package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

func TestAProgramTakesACommandLineAndNothingElse(t *testing.T) {
	for body, want := range map[string][]string{ // the places that are refused
		`{"script": "", "mode": "function", "args": [1], "kwargs": {}, "last_expression": true}`: nil,
		`{"script": "", "mode": "program"}`:                                           nil,
		`{"script": "", "mode": "program", "args": []}`:                               nil,
		`{"script": "", "args": ["a", "ü", ""], "mode": "program"}`:                   nil,
		`{"script": "", "args": ["a", 1, null, ["b"], "c\u0000"], "mode": "program"}`: {"/args/1", "/args/2", "/args/3", "/args/4"},
		`{"script": "", "mode": "program", "args": {"a": 1}}`:                         {"/args"},
		`{"script": "", "mode": "program", "kwargs": {}}`:                             {"/kwargs"},
		`{"script": "", "mode": "program", "last_expression": true}`:                  {"/last_expression"},
		`{"script": "", "mode": "programs"}`:                                          {"/mode"},
		`{"script": "", "mode": null}`:                                                {"/mode"},
	} {
		given, problem := DecodeExecution([]byte(body), testProfiles)
		var places []string
		if problem != nil {
			for _, fault := range problem.Errors {
				places = append(places, fault.Pointer)
			}
		}
		if !slices.Equal(places, want) {
			t.Errorf("%s: %q, want %q", body, places, want)
		}
		if problem == nil && (given.Job.Mode == protocol.ScriptProgram) != (body != `{"script": "", "mode": "function", "args": [1], "kwargs": {}, "last_expression": true}`) {
			t.Errorf("%s: mode %q", body, given.Job.Mode)
		}
	}
}

// A refused choice is named, with what is allowed.
func TestARefusedChoiceIsNamed(t *testing.T) {
	for body, want := range map[string]string{
		`{"script": "", "mode": "programs"}`:                                           `unknown mode "programs"; available: "cell", "function", "program"`,
		`{"script": "", "mode": "` + strings.Repeat("m", 1<<20) + `"}`:                 `unknown mode "mmm`,
		`{"script": "", "profile": "nix"}`:                                             `unknown profile "nix"; available: "default"`,
		`{"script": "", "files": [{"path": "a", "content": "", "encoding": "utf-7"}]}`: `is "utf-7"; must be "utf-8" or "base64"`,
	} {
		_, problem := DecodeExecution([]byte(body), testProfiles)
		if problem == nil || len(problem.Errors) != 1 || !strings.HasPrefix(problem.Errors[0].Message, want) || len(problem.Errors[0].Message) > 1000 {
			t.Errorf("%.100s: %+v", body, problem)
		}
	}
	for message, want := range map[string]string{
		`{"signal": "SIGSTOP"}`:                    `is "SIGSTOP"; must be one of SIG`,
		`{"output": "stop"}`:                       `is "stop"; must be "pause" or "resume"`,
		`{"output": "pause", "signal": "SIGTERM"}`: "exactly one of resize, signal and output",
		`{}`: "exactly one of resize, signal and output",
	} {
		if _, problem := DecodeControl([]byte(message)); problem == nil || !strings.Contains(problem.Errors[0].Message, want) {
			t.Errorf("%s: %+v", message, problem)
		}
	}
}
