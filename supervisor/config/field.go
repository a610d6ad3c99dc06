package config

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Field reads and prints one value that can be configured.
type Field struct {
	Allowed string   // the values that it accepts, in words
	List    bool     // in a file, it may be written as a YAML list
	Path    bool     // in a file, it is relative to that file's directory
	Choices []string // the values, or items of the list, if they are few
	Set     func(text string) bool
	Show    func() string
}

// NewField returns the field for a value of any type.
func NewField[T any](p *T, allowed string, parse func(string) (T, bool), show func(T) string) Field {
	return Field{
		Allowed: allowed,
		Show:    func() string { return show(*p) },
		Set: func(text string) bool {
			value, ok := parse(text)
			if ok {
				*p = value
			}
			return ok
		},
	}
}

// Text is the field for text that ok accepts.
func Text(p *string, allowed string, ok func(string) bool) Field {
	return NewField(p, allowed, func(text string) (string, bool) { return text, ok(text) }, func(text string) string { return text })
}

// path is the field for the path of a file or directory, which may be empty.
func path(p *string, allowed string) Field {
	field := Text(p, allowed, anyText)
	field.Path = true
	return field
}

// relativeTo returns the path that text, read from a file in dir, stands for. What has
// no slash and is a program is looked up on PATH, and stays as it is.
func (f Field) relativeTo(dir, text string) string {
	if !f.Path || text == "" || filepath.IsAbs(text) || f.Allowed == aProgram && !strings.Contains(text, "/") {
		return text
	}
	return filepath.Join(dir, text)
}

func number[N ~int | ~int64](p *N, parse func(string) (N, error), noun string, low, high N) Field {
	within := func(text string) (N, bool) {
		n, err := parse(text)
		return n, err == nil && low <= n && n <= high
	}
	return NewField(p, fmt.Sprintf("%s from %v to %v", noun, low, high), within, func(n N) string { return fmt.Sprint(n) })
}

// Count is the field for a whole number.
func Count(p *int, low, high int) Field {
	return number(p, strconv.Atoi, "a whole number", low, high)
}

func duration(p *time.Duration, low, high time.Duration) Field {
	return number(p, time.ParseDuration, `a duration such as "1.5s"`, low, high)
}

func size(p *Size, low, high Size) Field {
	return number(p, ParseSize, `a size such as "64MiB"`, low, high)
}

func choice[S ~string](p *S, choices ...S) Field {
	known := func(text string) (S, bool) { return S(text), slices.Contains(choices, S(text)) }
	field := NewField(p, fmt.Sprintf("one of %q", choices), known, func(s S) string { return string(s) })
	for _, value := range choices {
		field.Choices = append(field.Choices, string(value))
	}
	return field
}

// with returns the field with its choices.
func (f Field) with(choices ...string) Field {
	f.Choices = choices
	return f
}

// List is the field for a list, whose items are separated by commas.
func List(p *[]string, allowed string, item *regexp.Regexp) Field {
	split := func(text string) (items []string, ok bool) {
		if text == "" {
			return nil, true
		}
		for part := range strings.SplitSeq(text, ",") {
			part = strings.TrimSpace(part)
			if !item.MatchString(part) {
				return nil, false
			}
			items = append(items, part)
		}
		return items, true
	}
	field := NewField(p, allowed, split, func(items []string) string { return strings.Join(items, ",") })
	field.List = true
	return field
}

func level(p *slog.Level) Field {
	parse := func(text string) (l slog.Level, ok bool) { return l, l.UnmarshalText([]byte(text)) == nil }
	return NewField(p, `one of ["debug" "info" "warn" "error"]`, parse, func(l slog.Level) string { return strings.ToLower(l.String()) }).with("debug", "info", "warn", "error")
}

func yesNo(p *bool) Field {
	words := map[string]bool{"yes": true, "true": true, "no": false, "false": false}
	parse := func(text string) (value, ok bool) { value, ok = words[text]; return value, ok }
	return NewField(p, `"yes" or "no"`, parse, func(yes bool) string {
		if yes {
			return "yes"
		}
		return "no"
	}).with("yes", "no")
}
