package attack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// alternative is one line of what is expected: all its terms must hold.
type alternative struct {
	text  string
	terms []term
}

// term is one condition; doc.go describes the forms.
type term struct {
	not      bool
	field    string
	words    []string
	value    any // of JSON
	contains bool
	differs  bool
	folded   bool
	lines    *regexp.Regexp
}

var (
	wordFields = []string{"held", "status", "refused", "limit", "signal", "exit", "error", "line", "files"}
	textFields = []string{"result", "stdout", "stderr", "message", "traceback", "paths"}
	words      = regexp.MustCompile(`^[\w.]+(\|[\w.]+)*`)
)

func parseTerms(text string) ([]term, error) {
	var terms []term
	for {
		t, rest, err := parseTerm(text)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
		if rest == "" {
			return terms, nil
		}
		after, ok := strings.CutPrefix(rest, ", ")
		if !ok {
			return nil, fmt.Errorf("a comma and a term are missing before %q", rest)
		}
		text = after
	}
}

func parseTerm(text string) (t term, rest string, err error) {
	text, t.not = strings.CutPrefix(text, "not ")
	field := words.FindString(text)
	t.field, text = field, text[len(field):]
	switch {
	case field == "held" && !strings.HasPrefix(text, " "):
		return t, text, nil
	case slices.Contains(wordFields, field):
		text = strings.TrimPrefix(text, " ")
		found := words.FindString(text)
		if found == "" {
			return t, "", fmt.Errorf("a word is missing after %q", field)
		}
		t.words = strings.Split(found, "|")
		return t, text[len(found):], nil
	case !slices.Contains(textFields, field):
		return t, "", fmt.Errorf("there is no term %q", field)
	}
	text = strings.TrimPrefix(text, " ")
	if text, t.differs = strings.CutPrefix(text, "differs"); t.differs {
		return t, text, nil
	}
	if text, t.folded = strings.CutPrefix(text, "folded"); t.folded {
		return t, text, nil
	}
	text, matches := strings.CutPrefix(text, "lines ")
	text, t.contains = strings.CutPrefix(text, "contains ")
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&t.value); err != nil {
		return t, "", fmt.Errorf("a JSON value is missing after %q: %w", field, err)
	}
	pattern, isText := t.value.(string)
	if !isText && (t.contains || matches || field != "result") {
		return t, "", fmt.Errorf("%s takes a string", field)
	}
	if matches {
		if t.lines, err = regexp.Compile("(?m)^(?:" + pattern + ")$"); err != nil {
			return t, "", err
		}
	}
	return t, text[decoder.InputOffset():], nil
}

// answer is what a server may answer: the contract's answer, or a problem.
type answer struct {
	Code string `json:"code"` // of a problem; empty otherwise

	Status   string          `json:"status"`
	Result   json.RawMessage `json:"result"`
	Stdout   string          `json:"stdout"`
	Stderr   string          `json:"stderr"`
	Error    *scriptError    `json:"error"`
	ExitCode *int            `json:"exit_code"`
	Signal   *string         `json:"signal"`
	Limit    *string         `json:"limit"`
	Files    []struct {
		Path string `json:"path"`
	} `json:"files"`
}

type scriptError struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	Traceback string `json:"traceback"`
	Line      *int   `json:"line"`
}

// text is the result, where it is a string.
func (a *answer) text() (string, bool) {
	var text *string
	err := json.Unmarshal(a.Result, &text)
	if err != nil || text == nil {
		return "", false
	}
	return *text, true
}

// paths are those of the files, a line each.
func (a *answer) paths() string {
	var paths []string
	for _, file := range a.Files {
		paths = append(paths, file.Path)
	}
	return strings.Join(paths, "\n")
}

// folded reports whether two paths are one where neither case nor composition counts.
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

// summary is the answer in one line.
func (a *answer) summary() string {
	if a.Code != "" {
		return "refused " + a.Code
	}
	var b strings.Builder
	fmt.Fprintf(&b, "status %s", a.Status)
	for _, field := range []string{"limit", "signal", "exit", "error", "files"} {
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

const longest = 300 // of a text that is printed

func quote(text string) string { return strconv.QuoteToGraphic(cut(text)) }

func cut(text string) string {
	if len(text) > longest {
		return text[:longest] + "…"
	}
	return text
}

// word is the value of one of wordFields.
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
	case "status":
		return a.Status
	case "refused":
		return a.Code
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

// holds says whether an answer meets the term; before are the answers of the
// parts before.
func (t *term) holds(a *answer, before []*answer) bool {
	return t.met(a, before) != t.not
}

func (t *term) met(a *answer, before []*answer) bool {
	switch {
	case t.field == "held":
		return a.held(t.words)
	case t.words != nil:
		return slices.Contains(t.words, a.word(t.field))
	case t.differs:
		return differs(a, before)
	case t.folded:
		return a.folded()
	case t.field == "result" && !t.contains:
		var value any
		return json.Unmarshal(a.Result, &value) == nil && reflect.DeepEqual(value, t.value)
	}
	text, _ := a.text()
	switch t.field {
	case "stdout":
		text = a.Stdout
	case "stderr":
		text = a.Stderr
	case "paths":
		text = a.paths()
	case "message", "traceback":
		text = ""
		if a.Error != nil && t.field == "message" {
			text = a.Error.Message
		} else if a.Error != nil {
			text = a.Error.Traceback
		}
	}
	if t.lines != nil {
		return t.lines.MatchString(text)
	}
	if t.contains {
		return strings.Contains(text, t.value.(string))
	}
	return text == t.value.(string)
}

// held: every word after it is one of words, where there are any.
func (a *answer) held(words []string) bool {
	text, _ := a.text()
	found, ok := strings.CutPrefix(text, "held: ")
	if a.Status != "ok" || !ok || found == "" {
		return false
	}
	for word := range strings.FieldsSeq(found) {
		if words != nil && !slices.Contains(words, word) {
			return false
		}
	}
	return true
}

// differs: all are lists of one length, and no place holds what it held before.
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

// judge says why an answer is not what is expected, or nil.
func (p *Part) judge(a *answer, before []*answer) error {
	if text, _ := a.text(); strings.HasPrefix(text, "ESCAPED") {
		return errors.New(cut(text))
	}
	for line := range strings.Lines(a.Stdout + "\n" + a.Stderr) {
		if strings.HasPrefix(line, "ESCAPED") {
			return errors.New(cut(strings.TrimSpace(line)))
		}
	}
	if a.Code == "" && a.Status != "ok" && string(a.Result) != "null" {
		return fmt.Errorf("a result came with status %s", a.Status)
	}
	for _, alternative := range p.expect {
		if !slices.ContainsFunc(alternative.terms, func(t term) bool { return !t.holds(a, before) }) {
			return nil
		}
	}
	return errors.New("this is not what must come of it")
}

// want is what is expected, in one line.
func (p *Part) want() string {
	var lines []string
	for _, alternative := range p.expect {
		lines = append(lines, alternative.text)
	}
	return strings.Join(lines, "; or ")
}
