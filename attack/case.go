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

// Case is one attack.
type Case struct {
	Name  string // group/name
	File  string // that it is from: its name, unless that file is an attack on several APIs
	Tries string
	Parts []Part
	Tags  map[string]string // of [Tags], with the reason for each

	through []string // drop-in APIs
}

// The tags that a case may have; doc.go says what each means.
const (
	TagCgroup  = "cgroup"
	TagMachine = "machine"
	TagSingle  = "single"
	TagKeys    = "keys"
)

// Tags lists all tags.
var Tags = []string{TagCgroup, TagMachine, TagSingle, TagKeys}

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
	wire    wire // without a method, the request is one to hotcell's own API
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
		if err == nil {
			err = parsed.checkKeys()
		}
		var spreaded []Case
		if err == nil {
			spreaded, err = spread(parsed, string(text))
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", path, err))
		}
		cases = append(cases, spreaded...)
		return nil
	})
	slices.SortFunc(cases, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return cases, errors.Join(append(problems, err)...)
}

func parseCase(name, text string) (Case, error) {
	if !regexp.MustCompile(`^[a-z]+/[a-z0-9_]+$`).MatchString(name) {
		return Case{}, errors.New("invalid name: it must be group/name, of lower-case letters, digits and _")
	}
	parsed := Case{Name: name, File: name}
	parts, ofCase, err := parseParts(text)
	if err != nil {
		return Case{}, err
	}
	for i, of := range ofCase {
		if (of["tries"] == "") == (i == 0) || i > 0 && len(of) > 0 {
			return Case{}, errors.New("tries, through and the tags must be in the head of the first part, and in no other")
		}
	}
	parsed.Parts, parsed.Tries, parsed.Tags = parts, ofCase[0]["tries"], ofCase[0]
	if through := ofCase[0]["through"]; through != "" {
		if parsed.through, err = apis(through); err != nil {
			return Case{}, err
		}
	}
	delete(parsed.Tags, "tries")
	delete(parsed.Tags, "through")
	return parsed, nil
}

// parseParts reads the parts of a text, and what the head of each says of the case.
func parseParts(text string) (parts []Part, ofCase []map[string]string, err error) {
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
		of, err := part.readHead(head)
		if err != nil {
			return nil, nil, fmt.Errorf("part %d: %w", len(parts)+1, err)
		}
		parts, ofCase = append(parts, part), append(ofCase, of)
		lines = lines[end:]
	}
	return parts, ofCase, nil
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
		if (key == "tries" || key == "through" || slices.Contains(Tags, key)) && ofCase[key] == "" {
			ofCase[key] = value
		} else if err := p.set(key, value); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	switch {
	case len(p.expect) == 0:
		return nil, errors.New("the head has no expect line")
	case p.wire.method != "" && (p.limits != nil || p.request != nil):
		return nil, errors.New("limits and request are those of a script; send says the whole request")
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
	if known, err := p.wire.set(key, value); known {
		return err
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
	literal, err := p.literal(listener, slowness)
	if err != nil {
		return nil, err
	}
	request := map[string]any{"script": tokenScript}
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
	return []byte(strings.Replace(string(body), tokenScript, literal, 1)), nil
}

// literal returns the script as the inside of a JSON string.
func (p *Part) literal(listener string, slowness int) (string, error) {
	script := p.script
	if !p.raw {
		packed, err := json.Marshal(preamble) // a Python literal too: the preamble is ASCII
		if err != nil {
			return "", err
		}
		_, rest, _ := strings.Cut(script, "\n")
		script = fmt.Sprintf("LISTENER, SLOWNESS = %q, %d; exec(compile(%s, 'preamble.py', 'exec'))\n%s", listener, slowness, packed, rest)
	}
	literal := inside(script)
	for _, r := range p.replace {
		literal = strings.ReplaceAll(literal, r.token, strings.Repeat(r.literal, r.count))
	}
	return literal, nil
}
