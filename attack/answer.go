package attack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/hotcell/hotcell/client"
)

// answer is what a server said to a part: an answer, or a refusal.
type answer struct {
	client.Answer
	code    client.Code     // of a refusal; empty otherwise
	problem *client.Problem // likewise

	// The fields below are of an answer that is not one of hotcell's own API.
	http   int    // the status
	header string // lines of name and value
	body   string
	broken bool // the body did not come whole
}

func refusal(p *client.Problem) *answer {
	a := &answer{code: p.Code, problem: p}
	if p.Stdout != nil && p.Stderr != nil {
		a.Stdout, a.Stderr = *p.Stdout, *p.Stderr
	}
	a.Error = &client.ScriptError{Type: p.Err.Type, Message: p.Err.Message, Line: p.Err.Line}
	return a
}

// text returns the result if it is a string.
func (a *answer) text() (string, bool) {
	var text *string
	err := json.Unmarshal(a.Result, &text)
	if err != nil || text == nil {
		return "", false
	}
	return *text, true
}

// paths returns the paths of the files, one a line.
func (a *answer) paths() string {
	var paths []string
	for _, file := range a.Files {
		paths = append(paths, file.Path)
	}
	return strings.Join(paths, "\n")
}

// folded reports whether two paths are equal if case and composition are ignored.
func (a *answer) folded() bool {
	fold := cases.Fold()
	seen := make(map[string]bool)
	for _, file := range a.Files {
		path := norm.NFC.String(fold.String(norm.NFC.String(file.Path)))
		if seen[path] {
			return true
		}
		seen[path] = true
	}
	return false
}

// summary returns the answer in one line.
func (a *answer) summary() string {
	switch {
	case a.http != 0 || a.broken:
		return fmt.Sprintf("http %d, broken %v, body %s", a.http, a.broken, quote(a.body))
	case a.code != "":
		return "refused " + string(a.code)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "status %s", a.Status)
	for _, field := range []string{"limit", "signal", "exit", "error", "files", "outputs"} {
		if value := a.word(field); value != "none" {
			fmt.Fprintf(&b, ", %s %s", field, value)
		}
	}
	if a.Error != nil {
		fmt.Fprintf(&b, ", message %s", quote(a.Error.Message))
	}
	if len(a.Result) > 0 && string(a.Result) != "null" {
		fmt.Fprintf(&b, ", result %s", cut(string(a.Result)))
	}
	if len(a.Files) > 0 {
		fmt.Fprintf(&b, ", paths %s", quote(a.paths()))
	}
	if a.Stdout != "" {
		fmt.Fprintf(&b, ", stdout %s", quote(a.Stdout))
	}
	if a.Stderr != "" {
		fmt.Fprintf(&b, ", stderr %s", quote(a.Stderr))
	}
	return b.String()
}

const longest = 300 // bytes of a text that is printed

func quote(text string) string { return strconv.QuoteToGraphic(cut(text)) }

func cut(text string) string {
	if len(text) > longest {
		return text[:longest] + "…"
	}
	return text
}

// word returns the value of one of wordFields.
func (a *answer) word(field string) string {
	some := func(p *string) string {
		if p == nil {
			return "none"
		}
		return *p
	}
	number := func(p *int) string {
		if p == nil {
			return "none"
		}
		return strconv.Itoa(*p)
	}
	switch field {
	case "http":
		return strconv.Itoa(a.http)
	case "broken":
		return strconv.FormatBool(a.broken)
	case "status":
		return string(a.Status)
	case "refused":
		return string(a.code)
	case "limit":
		return some(a.Limit)
	case "signal":
		return some(a.Signal)
	case "exit":
		return number(a.ExitCode)
	case "files":
		if len(a.Files) == 0 {
			return "none"
		}
		return strconv.Itoa(len(a.Files))
	case "outputs":
		if len(a.Outputs) == 0 {
			return "none"
		}
		return strconv.Itoa(len(a.Outputs))
	case "error":
		if a.Error != nil {
			return a.Error.Type
		}
	case "line":
		if a.Error != nil {
			return number(a.Error.Line)
		}
	}
	return "none"
}

// held reports whether the result is "held: …" and every word after it is one of
// words; nil allows any.
func (a *answer) held(words []string) bool {
	text, _ := a.text()
	found, ok := strings.CutPrefix(text, "held: ")
	if a.Status != client.StatusOK || !ok || found == "" {
		return false
	}
	for word := range strings.FieldsSeq(found) {
		if words != nil && !slices.Contains(words, word) {
			return false
		}
	}
	return true
}

// differs reports whether all results are lists of one length which differ from
// each other at every index.
func differs(a *answer, before []*answer) bool {
	list := func(a *answer) (items []json.RawMessage) {
		_ = json.Unmarshal(a.Result, &items) // no list is an empty one
		return items
	}
	ours := list(a)
	for _, other := range before {
		theirs := list(other)
		if len(ours) == 0 || len(theirs) != len(ours) {
			return false
		}
		for i := range ours {
			if bytes.Equal(ours[i], theirs[i]) {
				return false
			}
		}
	}
	return len(before) > 0
}
