package attack

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ways say for each drop-in API how a script is sent through it: a part with the script,
// and parts before and after it that begin and end what it needs.
//
//go:embed ways
var ways embed.FS

// spread returns the cases of a file: one for each API that its scripts go through.
func spread(c Case, text string) ([]Case, error) {
	if c.through == nil {
		return []Case{c}, nil
	}
	var cases []Case
	for _, api := range c.through {
		one, err := parseCase(c.Name, text)
		if err != nil {
			return nil, err
		}
		if len(c.through) > 1 {
			one.Name += "_" + api
		}
		if one.Parts, err = goThrough(api, one.Parts); err != nil {
			return nil, err
		}
		cases = append(cases, one)
	}
	return cases, nil
}

// goThrough returns the parts of a case whose scripts go through an API.
func goThrough(api string, parts []Part) ([]Part, error) {
	text, err := ways.ReadFile("ways/" + api + ".txt")
	if err != nil {
		return nil, fmt.Errorf("unknown API %q", api)
	}
	way, _, err := parseParts(string(text))
	if err != nil {
		return nil, fmt.Errorf("the way through %s: %w", api, err)
	}
	at := slices.IndexFunc(way, func(p Part) bool { return p.wire.told != "" })
	if at < 0 {
		return nil, errors.New("the way has no part that is told what a script printed")
	}
	for i := range parts {
		if parts[i].wire.method == "" {
			sent, own := way[at].wire, parts[i].wire
			sent.times, sent.key, sent.keep = own.times, own.key, own.keep
			sent.headers = append(slices.Clone(sent.headers), own.headers...)
			parts[i].wire = sent
		}
	}
	return slices.Concat(way[:at], parts, way[at+1:]), nil
}

// checkKeys reports an error if a case needs two keys and has not the tag, or the other
// way round.
func (c *Case) checkKeys() error {
	needs := slices.ContainsFunc(c.Parts, func(p Part) bool { return p.wire.needsKeys() })
	if needs != (c.Tags[TagKeys] != "") {
		return fmt.Errorf("the tag %s belongs to cases whose requests come with other keys, and to no others", TagKeys)
	}
	return nil
}

// apis returns the drop-in APIs of a line "through".
func apis(value string) ([]string, error) {
	names := strings.Fields(value)
	for _, name := range names {
		if _, err := ways.ReadFile("ways/" + name + ".txt"); err != nil {
			return nil, fmt.Errorf("unknown API %q", name)
		}
	}
	return names, nil
}
