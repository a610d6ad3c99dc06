package attack

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed scripts
var scripts embed.FS

//go:embed scripts/_preamble.py
var preamble string

// Case is one attack, from one file.
type Case struct {
	Name  string // group/name
	Tries string
	Parts []Part
	Tags  map[string]string // of [Tags], with the reason for each
}

// The tags that a case may have; doc.go says what each means.
const (
	TagCgroup  = "cgroup"
	TagMachine = "machine"
	TagSingle  = "single"
)

// Tags lists all tags.
var Tags = []string{TagCgroup, TagMachine, TagSingle}

// Group returns the part of the name before the slash.
func (c *Case) Group() string {
	group, _, _ := strings.Cut(c.Name, "/")
	return group
}

// Part is one request of a case.
type Part struct {
	Beside bool // sent while the part before runs, instead of after it

	script  string // from the part's first line on
	expect  []alternative
	limits  map[string]int64
	request map[string]json.RawMessage
	replace []replacement
	within  int64 // ms
	raw     bool
	session bool // of a first part: all parts are calls of one session
}

// replacement is a text that a script contains many times, and that a file cannot
// hold well. literal is the inside of a JSON string, so it may be a lone surrogate.
type replacement struct {
	token, literal string
	count          int
}

// Cases reads all attacks, sorted by name.
func Cases() ([]Case, error) {
	var cases []Case
	var problems []error
	err := fs.WalkDir(scripts, "scripts", func(path string, entry fs.DirEntry, err error) error {
		name, isScript := strings.CutSuffix(strings.TrimPrefix(path, "scripts/"), ".py")
		if err != nil || entry.IsDir() || !isScript || name == "_preamble" {
			return err
		}
		text, err := scripts.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := parseCase(name, string(text))
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", path, err))
		}
		cases = append(cases, parsed)
		return nil
	})
	return cases, errors.Join(append(problems, err)...)
}

func parseCase(name, text string) (Case, error) {
	if !regexp.MustCompile(`^[a-z]+/[a-z0-9_]+$`).MatchString(name) {
		return Case{}, errors.New("invalid name: it must be group/name, of lower-case letters, digits and _")
	}
	parsed := Case{Name: name}
	lines := strings.SplitAfter(text, "\n")
	for first := true; len(lines) > 0; first = false {
		part := Part{Beside: strings.TrimSpace(lines[0]) == "# --- beside"}
		end := slices.IndexFunc(lines[1:], isJoin) + 1
		if end == 0 {
			end = len(lines)
		}
		part.script = strings.Join(lines[:end], "")
		head := lines[:end]
		if !first {
			head = head[1:]
		}
		ofCase, err := part.readHead(head)
		if err != nil {
			return Case{}, fmt.Errorf("part %d: %w", len(parsed.Parts)+1, err)
		}
		if (ofCase["tries"] == "") == first || !first && len(ofCase) > 0 {
			return Case{}, errors.New("tries and the tags must be in the head of the first part, and in no other")
		}
		if first {
			parsed.Tries = ofCase["tries"]
			delete(ofCase, "tries")
			parsed.Tags = ofCase
		}
		parsed.Parts = append(parsed.Parts, part)
		lines = lines[end:]
	}
	return parsed, nil
}

func isJoin(line string) bool {
	line = strings.TrimSpace(line)
	return line == "# --- then" || line == "# --- beside"
}

// readHead reads the lines "# key: value" up to the first other one. It returns
// what belongs to the case and not to the part, by key.
func (p *Part) readHead(lines []string) (ofCase map[string]string, err error) {
	ofCase = make(map[string]string)
	for _, line := range lines {
		line = strings.TrimRight(line, "\r\n")
		comment, isComment := strings.CutPrefix(line, "# ")
		if !isComment {
			break
		}
		key, value, ok := strings.Cut(comment, ": ")
		if !ok || value == "" {
			return nil, fmt.Errorf("%q: invalid line of a head: it must be # key: value", line)
		}
		if (key == "tries" || slices.Contains(Tags, key)) && ofCase[key] == "" {
			ofCase[key] = value
		} else if err := p.set(key, value); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	if len(p.expect) == 0 {
		return nil, errors.New("the head has no expect line")
	}
	return ofCase, nil
}

func (p *Part) set(key, value string) (err error) {
	switch key {
	case "expect":
		terms, err := parseTerms(value)
		p.expect = append(p.expect, alternative{value, terms})
		return err
	case "limits":
		return p.setLimits(value)
	case "request":
		if p.request != nil {
			return errors.New("the key may occur only once")
		}
		return json.Unmarshal([]byte(value), &p.request)
	case "replace":
		return p.setReplacement(value)
	case "within":
		p.within, err = strconv.ParseInt(value, 10, 32)
		return err
	case "raw":
		p.raw = true
		return nil
	case "session":
		p.session = true
		return nil
	}
	return errors.New("unknown key, or not allowed here")
}

func (p *Part) setLimits(value string) error {
	if p.limits != nil {
		return errors.New("the key may occur only once")
	}
	p.limits = make(map[string]int64)
	for field := range strings.FieldsSeq(value) {
		name, text, _ := strings.Cut(field, "=")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		p.limits[name] = n
	}
	return nil
}

var replacementForm = regexp.MustCompile(`^(@[A-Z]+@) (".*") (\d+)$`)

func (p *Part) setReplacement(value string) error {
	form := replacementForm.FindStringSubmatch(value)
	if form == nil || !json.Valid([]byte(form[2])) {
		return errors.New(`invalid replacement: it must be @NAME@ "text" count`)
	}
	count, err := strconv.Atoi(form[3])
	p.replace = append(p.replace, replacement{form[1], form[2][1 : len(form[2])-1], count})
	return err
}

// slower returns the part for a machine that is slower by this factor. Limits stay
// within the maxima that a server has by default.
func (p *Part) slower(times int) *Part {
	scaled := *p
	scaled.within *= int64(times)
	scaled.limits = maps.Clone(p.limits)
	for _, name := range []string{"wall_ms", "cpu_ms"} {
		if ms, ok := scaled.limits[name]; ok && times > 1 {
			scaled.limits[name] = max(ms, min(ms*int64(times), 60_000))
		}
	}
	return &scaled
}

// body returns the request as it is sent. listener is the address at which scripts
// may try the network.
func (p *Part) body(listener string, slowness int) ([]byte, error) {
	script := p.script
	if !p.raw {
		packed, err := json.Marshal(preamble) // a Python literal too: the preamble is ASCII
		if err != nil {
			return nil, err
		}
		_, rest, _ := strings.Cut(script, "\n")
		script = fmt.Sprintf("LISTENER, SLOWNESS = %q, %d; exec(compile(%s, 'preamble.py', 'exec'))\n%s", listener, slowness, packed, rest)
	}
	request := map[string]any{"script": "@SCRIPT@"}
	for name, value := range p.request {
		request[name] = value
	}
	if p.limits != nil {
		request["limits"] = p.limits
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(script)
	if err != nil {
		return nil, err
	}
	literal := string(text[1 : len(text)-1])
	for _, r := range p.replace {
		literal = strings.ReplaceAll(literal, r.token, strings.Repeat(r.literal, r.count))
	}
	return []byte(strings.Replace(string(body), "@SCRIPT@", literal, 1)), nil
}
