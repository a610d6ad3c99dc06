package attack

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/client"
)

// alternative is one expect line: all its terms must hold.
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
	wordFields = []string{"held", "status", "refused", "limit", "signal", "exit", "error", "line", "files", "outputs", "http", "broken"}
	textFields = []string{"result", "stdout", "stderr", "message", "traceback", "paths", "body", "header"}
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
			return nil, fmt.Errorf("expected a comma and a term before %q", rest)
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
			return t, "", fmt.Errorf("expected a word after %q", field)
		}
		t.words = strings.Split(found, "|")
		return t, text[len(found):], nil
	case !slices.Contains(textFields, field):
		return t, "", fmt.Errorf("unknown term %q", field)
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
		return t, "", fmt.Errorf("expected a JSON value after %q: %w", field, err)
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

// holds reports whether an answer meets the term; before are the answers of the parts
// before.
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
	case "body":
		text = a.body
	case "header":
		text = a.header
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

// judge returns why an answer is not the expected one, or nil.
func (p *Part) judge(a *answer, before []*answer) error {
	if text, _ := a.text(); strings.HasPrefix(text, "ESCAPED") {
		return errors.New(cut(text))
	}
	for line := range strings.Lines(a.Stdout + "\n" + a.Stderr) {
		if strings.HasPrefix(line, "ESCAPED") {
			return errors.New(cut(strings.TrimSpace(line)))
		}
	}
	if a.code == "" && a.Status != client.StatusOK && string(a.Result) != "null" {
		return fmt.Errorf("the answer has a result although its status is %s", a.Status)
	}
	for _, alternative := range p.expect {
		if !slices.ContainsFunc(alternative.terms, func(t term) bool { return !t.holds(a, before) }) {
			return nil
		}
	}
	return errors.New("not the expected answer")
}

// want returns what is expected, in one line.
func (p *Part) want() string {
	var lines []string
	for _, alternative := range p.expect {
		lines = append(lines, alternative.text)
	}
	return strings.Join(lines, "; or ")
}
