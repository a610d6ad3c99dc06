package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// leastDefaults are the smallest defaults of those settings whose default follows from
// the number of processors: docs/settings.md and the example are the same on each
// machine.
var leastDefaults = map[string]string{"max_running": "32", "max_waiting": "1024", "refill_parallel": "2"}

// ByProcessors reports whether the setting's default follows from the number of
// processors.
func (s Setting) ByProcessors() bool { return leastDefaults[s.Key] != "" }

// Print returns the configuration as a file that says the same, with where each value
// comes from. Of the profiles it has what the default one does not have.
func (c *Config) Print() string {
	var w yamlWriter
	for _, s := range Settings {
		w.add(s.Key, scalar(s.Value(c)), c.Origin(s.Key))
	}
	for i := range c.Profiles {
		p := &c.Profiles[i]
		like := true
		for _, s := range Settings {
			if origin, ok := c.origin[p.key(s.Key)]; ok && s.PerProfile {
				w.add(p.key(s.Key), scalar(s.field(c, p).Show()), origin)
				like = false
			}
		}
		if like {
			w.add(profilesKey+"."+p.Name, "{}", "as the default profile")
		}
	}
	return w.String()
}

// Changed returns the settings whose values differ from those of another configuration,
// as the file names them.
func (c *Config) Changed(other *Config) []string {
	var changed []string
	for _, s := range Settings {
		if s.Value(c) != s.Value(other) {
			changed = append(changed, s.Key)
		}
	}
	for i := range c.Profiles {
		p := &c.Profiles[i]
		at := slices.IndexFunc(other.Profiles, func(o Profile) bool { return o.Name == p.Name })
		for _, s := range Settings {
			if at >= 0 && s.PerProfile && s.field(c, p).Show() != s.field(other, &other.Profiles[at]).Show() && !slices.Contains(changed, s.Key) {
				changed = append(changed, p.key(s.Key))
			}
		}
		if at < 0 {
			changed = append(changed, profilesKey+"."+p.Name)
		}
	}
	for _, p := range other.Profiles {
		if !slices.ContainsFunc(c.Profiles, func(own Profile) bool { return own.Name == p.Name }) {
			changed = append(changed, profilesKey+"."+p.Name)
		}
	}
	return changed
}

const exampleHead = `## Every setting of hotcell, with its default: written from the table of settings.
## As it stands, this file says nothing. Remove the "# " before what you want to
## change, and before the keys that it is below. Paths are relative to this file.
##   hotcell serve --config hotcell.yaml --check
`

const exampleTail = `
## Profiles: more sets of libraries, which requests name: hotcell profile add makes
## one. Each may have the settings of cells and limits; the others are as above.
# profiles:
#   science:
#     python: science
#     preload: numpy,scipy
#     pool_size: 2
`

// Example returns a configuration file that has every setting with its default, in
// comments.
func Example() string {
	w := yamlWriter{mark: "# "}
	w.text.WriteString(exampleHead)
	defaults, group := Default(), ""
	for _, s := range Settings {
		if s.Group != group {
			group = s.Group
			w.text.WriteString("\n## " + strings.ToUpper(group[:1]) + group[1:] + "\n")
		}
		value, origin := scalar(s.Value(&defaults)), s.Allowed()
		if s.ByProcessors() {
			value, origin = leastDefaults[s.Key], "by processors"
		}
		if !strings.HasPrefix(s.Key, "limits.max.") { // what limits.default. has said
			for _, line := range wrapped(s.Help, 78) {
				w.text.WriteString("##   " + line + "\n")
			}
		}
		w.add(s.Key, value, origin)
	}
	return w.text.String() + exampleTail
}

// yamlWriter writes nested mappings from keys in which a dot is a level. Keys with
// the same beginning must follow each other.
type yamlWriter struct {
	mark  string // begins each line
	text  strings.Builder
	above []string
}

func (w *yamlWriter) add(key, value, comment string) {
	path := strings.Split(key, ".")
	last := len(path) - 1
	for level, name := range path[:last] {
		if level < len(w.above) && w.above[level] == name {
			continue
		}
		w.above = append(w.above[:level], name)
		w.text.WriteString(w.mark + strings.Repeat("  ", level) + name + ":\n")
	}
	w.above = w.above[:min(last, len(w.above))]
	line := w.mark + strings.Repeat("  ", last) + path[last] + ": " + value
	w.text.WriteString(line + strings.Repeat(" ", max(1, 40-len(line))) + "# " + comment + "\n")
}

func (w *yamlWriter) String() string { return w.text.String() }

// plain matches text that YAML reads as a scalar without quotes.
var plain = regexp.MustCompile(`^[A-Za-z0-9/][A-Za-z0-9/._,=+-]*(:[A-Za-z0-9/._,=+-]+)*$`)

// scalar returns text as a value of a YAML file.
func scalar(text string) string {
	if plain.MatchString(text) && !strings.EqualFold(text, "null") {
		return text
	}
	return strconv.Quote(text)
}

// wrapped cuts text into lines at spaces.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) > width:
			lines = append(lines, word)
		default:
			*last += " " + word
		}
	}
	return lines
}
