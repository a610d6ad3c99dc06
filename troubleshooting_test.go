package hotcell_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

const troubleshooting = "docs/troubleshooting.md"

// section returns the part of the page below a heading.
func section(t *testing.T, heading string) string {
	t.Helper()
	page, err := os.ReadFile(troubleshooting)
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", troubleshooting, heading)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

func TestTroubleshootingHasEveryProblemCode(t *testing.T) {
	schemas := contract(t).Components.Schemas
	for heading, schema := range map[string]string{"Problem codes": "Code", "Statuses": "Status"} {
		values := schemas[schema].Enum
		if len(values) == 0 {
			t.Fatalf("openapi.yaml has no values for %s", schema)
		}
		text := section(t, heading)
		for _, value := range values {
			if value != "ok" && !strings.Contains(text, "\n| `"+value+"` |") {
				t.Errorf("%s: %q does not have a row for %s", troubleshooting, heading, value)
			}
		}
	}
}

func TestTroubleshootingHasEveryExitStatus(t *testing.T) {
	const file = "internal/cli/exit.go"
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, found := section(t, "Exit statuses"), 0
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Exit") {
			return true
		}
		found++
		status := spec.Values[0].(*ast.BasicLit).Value
		if !strings.Contains(text, "\n| "+status+" |") && !strings.Contains(text, "\n| "+status+" + n |") {
			t.Errorf("%s does not have a row for exit status %s, %s", troubleshooting, status, spec.Names[0].Name)
		}
		return true
	})
	if found == 0 {
		t.Errorf("%s declares no exit status", file)
	}
}

// A message that the page explains must be one that hotcell prints, in the same
// words.
func TestTroubleshootingQuotesMessagesThatThereAre(t *testing.T) {
	var code strings.Builder
	for _, file := range trackedFiles(t) {
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	row := regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
	quoted := regexp.MustCompile("`([^`]+)`")
	fromElsewhere := []string{"address already in use", "connection refused"} // the kernel's words
	for _, heading := range []string{"Refusals at start", "What the doctor finds"} {
		rows := row.FindAllStringSubmatch(section(t, heading), -1)
		if len(rows) == 0 {
			t.Errorf("%q has no rows", heading)
		}
		for _, row := range rows {
			for _, quote := range quoted.FindAllStringSubmatch(row[1], -1) {
				words := strings.TrimPrefix(quote[1], "all-cells ")
				if !strings.Contains(code.String(), words) && !strings.Contains(strings.Join(fromElsewhere, "\n"), words) {
					t.Errorf("%s explains %q, which no code says", troubleshooting, words)
				}
			}
		}
	}
}

// Each code of the page is provoked by a test of the service.
func TestEveryProblemCodeIsProvokedByATest(t *testing.T) {
	var tests strings.Builder
	for _, file := range trackedFiles(t) {
		if strings.HasPrefix(file, "supervisor/") && strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	for _, code := range contract(t).Components.Schemas["Code"].Enum {
		name := "Code"
		for part := range strings.SplitSeq(code, "_") {
			name += strings.ToUpper(part[:1]) + part[1:]
		}
		if !regexp.MustCompile(`"` + code + `"|\b` + name + `\b`).MatchString(tests.String()) {
			t.Errorf("no test of supervisor provokes the problem %s", code)
		}
	}
}

// Each row of the page is provoked by a test, which has the row's words. What refuses to
// start is held to its rows by TestEachRefusalAtStartOfThePageIsProvoked.
func TestEachRowOfTroubleshootingIsProvoked(t *testing.T) {
	const programs = `cmd/hotcell/[a-z_]*_test\.go`
	for _, c := range []struct {
		heading string
		tests   string // the files
		form    string // how the words stand there
	}{
		{"Statuses", `cmd/hotcell/troubleshooting_scripts_linux_test\.go`, `\{"%s"`},
		{"What the doctor finds", `doctor/(layers|maxima|landlock|selftest)_linux_test\.go|cmd/hotcell/troubleshooting_doctor_linux_test\.go`, `"%[1]s"|(MISSING|warning|allowed|ok) %[1]s\b`},
		{"Exit statuses", programs + `|cmd/hotcell-attack/main_linux_test\.go|mcp/.*_test\.go`, `(status: |status != |status !=? |ended with |, )%s\b`},
		{"Client errors", `clients/python/tests/.*\.py|clients/typescript/tests/.*\.ts|client/[a-z_]*_test\.go|(top|cmd/hotcell|cmd/hotcell-attack)/[a-z_]*_test\.go|internal/cli/.*_test\.go`, `\b%s\b`},
	} {
		var tests strings.Builder
		for _, file := range trackedFiles(t) {
			if regexp.MustCompile(`^(` + c.tests + `)$`).MatchString(file) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				tests.Write(text)
			}
		}
		rows := regexp.MustCompile("(?m)^\\| (`[^|]+|[\\dn +]+) \\|").FindAllStringSubmatch(section(t, c.heading), -1)
		if len(rows) == 0 {
			t.Errorf("%q has no rows", c.heading)
		}
		for _, row := range rows {
			words := []string{row[1]}
			if quoted := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1); quoted != nil {
				words = nil
				for _, quote := range quoted {
					words = append(words, strings.TrimLeft(strings.TrimPrefix(quote[1], "all-cells "), "*"))
				}
			}
			for _, one := range words {
				form := strings.ReplaceAll(strings.ReplaceAll(c.form, "%[1]s", "%s"), "%s", regexp.QuoteMeta(one))
				if alike, ok := provokedAs[one]; ok {
					form = alike
				}
				if !regexp.MustCompile(form).MatchString(tests.String()) {
					t.Errorf("%s: %q: no test provokes %q", troubleshooting, c.heading, one)
				}
			}
		}
	}
}

// provokedAs are rows whose words tests do not have.
var provokedAs = map[string]string{
	"128 + n":            `status: 139\b`,
	"n":                  `status: 7\b`,
	"connection refused": `nothing listens there`,
	"status":             ``, // the head of a table
	"fork":               ``, // of what the row before it says

	"attacks are sent to loopback only": `loopback only`,
}
