package seccomp

import (
	"fmt"
	"strings"
)

// documentation returns the table as Markdown, for docs/syscalls.md.
func documentation() string {
	var out strings.Builder
	d := document{first: make(map[*Value]string)}
	for _, group := range append(table(), sharedUIDGroup(), sharedNamesGroup()) {
		fmt.Fprintf(&out, "### %s\n\n%s\n\n", group.Title, group.Why)
		var plain [len(answers)][]string
		for _, call := range group.Calls {
			if call.Tests == nil && call.Why == "" {
				plain[call.Answer] = append(plain[call.Answer], "`"+call.Name+"`")
			}
		}
		for answer, calls := range plain {
			if calls != nil {
				fmt.Fprintf(&out, "- %s: %s\n", whatever(Answer(answer)), strings.Join(calls, ", ")) // #nosec G115 -- an index of answers
			}
		}
		for _, call := range group.Calls {
			if call.Tests == nil && call.Why != "" {
				fmt.Fprintf(&out, "- %s: `%s`: %s\n", whatever(call.Answer), call.Name, call.Why)
			}
		}
		for _, call := range group.Calls {
			if call.Tests == nil {
				continue
			}
			fmt.Fprintf(&out, "- %s: **`%s`**, by its %s", whatever(call.Answer), call.Name, strings.Join(argumentNames(call.Tests), " and "))
			if call.Why != "" {
				fmt.Fprintf(&out, " (%s)", call.Why)
			}
			out.WriteString("\n")
			for _, test := range call.Tests {
				fmt.Fprintf(&out, "  - %s\n", d.describe(call.Name, test))
			}
		}
		out.WriteString("\n")
	}
	return strings.TrimRight(out.String(), "\n") + "\n"
}

func whatever(answer Answer) string {
	if answer == Allow {
		return "allowed"
	}
	return "returns " + answer.String()
}

func argumentNames(tests []Test) []string {
	var names []string
	for _, test := range tests {
		names = append(names, test.Name)
	}
	return names
}

// document remembers which call has a list first.
type document struct{ first map[*Value]string }

// describe says what a test lets through. Neighbours with one reason stand together.
func (d document) describe(call string, test Test) string {
	var parts, names []string
	values := test.Values
	if test.Bits != nil {
		values = test.Bits
	}
	if len(values) > 0 {
		if first := d.first[&values[0]]; first != "" {
			return fmt.Sprintf("%s: those of `%s`; otherwise %s", test.Name, first, test.Else)
		}
		d.first[&values[0]] = call
	}
	for i, value := range values {
		name := value.Name
		if !strings.Contains(name, " ") || strings.Contains(name, "|") {
			name = "`" + name + "`"
		}
		if value.Answer != Allow {
			name += " returns " + value.Answer.String()
		}
		names = append(names, name)
		why := value.Why
		for _, then := range value.Then {
			why += "; its " + d.describe(call, then)
		}
		if i+1 < len(values) && values[i+1].Why == value.Why && values[i+1].Then == nil {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", strings.Join(names, ", "), why))
		names = nil
	}
	if test.Most != 0 {
		parts = []string{fmt.Sprintf("at most %d", test.Most)}
	}
	if parts == nil {
		parts = []string{"none"}
	}
	return fmt.Sprintf("%s: %s; otherwise %s", test.Name, strings.Join(parts, ", "), test.Else)
}
