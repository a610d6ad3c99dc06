// Package hotcell_test checks the layout that docs/architecture.md describes: which package
// may import which, how large files may grow, and that pages name what exists.
package hotcell_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hotcell/hotcell/"

// mayImport lists the packages that each package may import. Imports go one way: cmd
// → supervisor → {pool, nsjail} → protocol.
var mayImport = map[string][]string{
	"cmd/hotcell-attack": {"attack", "client", "internal/cli", "internal/testkit", "progress"},
	"mcp":                {"client", "internal/jsonscan"},

	"compat":      {"client"},
	"compat/apis": {"compat", "compat/sandboxfusion", "compat/dify", "compat/e2b", "compat/jupyter", "compat/azure", "compat/piston", "compat/snekbox"},

	faked: {"compat", "client"}, // for tests

	"compat/sandboxfusion": {"compat", "client"},
	"compat/dify":          {"compat", "client"},
	"compat/e2b":           {"compat", "client", "internal/panics"},
	"compat/jupyter":       {"compat", "client", "internal/panics"},
	"compat/azure":         {"compat", "client"},
	"compat/piston":        {"compat", "client"},
	"compat/snekbox":       {"compat", "client"},

	"attack":         {"client"},
	"client":         {},
	"client/metrics": {},
	"bench":          {"bench/baseline", "bench/capacity", "bench/fusion", "bench/machine", "bench/pooled", "bench/served", "bench/traffic", "client", "internal/columns", "internal/descriptors", "nsjail", "progress", "protocol", "supervisor/config", "supervisor/keys"},
	"top":            {"client", "client/metrics", "internal/columns"},
	"batchfile":      {"client"},
	"progress":       {"internal/columns"},
	"bench/fusion":   {"bench/traffic"},
	"bench/pooled":   {"bench/traffic", "client/metrics"},
	"bench/traffic":  {"client"},
	"bench/baseline": {"bench/traffic", "nsjail"},
	"bench/machine":  {"bench/baseline"},
	"bench/served":   {"bench/traffic", "supervisor/config"},
	"bench/capacity": {},

	"webhooks":       {},
	"protocol":       {"internal/jsonscan"},
	"pyworker":       {},
	"pool":           {},
	"jobs":           {"jobs/cluster", "jobs/directory", "jobs/objects"},
	"jobs/cluster":   {},
	"jobs/objects":   {},
	"jobs/directory": {},
	"fleet":          {},
	"nsjail": {"internal/undo", "nsjail/cgroup", "nsjail/environment", "nsjail/instance", "nsjail/kernfs", "nsjail/landlock", "nsjail/lease", "nsjail/output", "nsjail/program", "nsjail/pty",
		"nsjail/removals", "nsjail/seccomp", "nsjail/snapshot", "nsjail/threads", "nsjail/seccomp/uapi", "nsjail/transfer", "nsjail/uids", "nsjail/wire", "protocol", "pyworker"},
	"doctor":     {"nsjail", "nsjail/cgroup", "nsjail/environment", "nsjail/kernfs", "nsjail/landlock", "nsjail/snapshot", "nsjail/uids", "protocol"},
	"supervisor": {"client", "compat", "compat/apis", "doctor", "fleet", "jobs", "mcp", "nsjail", "nsjail/pty", "nsjail/uids", "pool", "protocol", "supervisor/api", "supervisor/batches", "supervisor/bodies", "supervisor/budget", "supervisor/cells", "supervisor/config", "supervisor/conns", "supervisor/dropin", "supervisor/forward", "supervisor/jobruns", "supervisor/logline", "supervisor/playground", "internal/jsonscan", "supervisor/jsonwriter", "internal/panics", "supervisor/line", "supervisor/sessions", "supervisor/keys", "supervisor/metrics", "supervisor/refusals", "supervisor/tracing", "client/metrics", "supervisor/stream", "supervisor/terminals", "supervisor/transfers"},
	"logqueue":   {},
	testkit:      {},
	testjail:     {testkit, "nsjail", "protocol"},
	"faults":     {},
	"fidelity":   {"nsjail", "protocol"},

	"internal/cli":         {"client", "internal/columns", "logqueue"},
	"internal/columns":     {},
	descriptors:            {},
	"internal/panics":      {},
	"internal/undo":        {},
	"internal/serverflags": {"internal/cli", "internal/columns", "supervisor/config", "supervisor/tracing"},

	"deploy": {},

	"nsjail/cgroup":           {"nsjail/kernfs"},
	"nsjail/kernfs":           {},
	"deploy/kubernetes/check": {"supervisor/config", "supervisor/keys", "supervisor/metrics"}, // a module of its own
	"nsjail/seccomp":          {"nsjail/seccomp/uapi"},                                        // for its tests
	"nsjail/seccomp/uapi":     {},
	"nsjail/landlock":         {"protocol"},
	"nsjail/instance":         {"nsjail/cgroup", "nsjail/environment", "pyworker"},
	"nsjail/lease":            {"nsjail/uids"},
	"nsjail/removals":         {},
	"nsjail/snapshot":         {"nsjail/cgroup", "nsjail/kernfs", "nsjail/seccomp", "protocol"},
	"nsjail/threads":          {"nsjail/kernfs"},
	"nsjail/uids":             {"nsjail/kernfs"},
	"nsjail/program":          {},
	"nsjail/environment":      {"nsjail/program", "nsjail/uids"},
	"nsjail/output":           {"protocol"},
	"nsjail/pty":              {},
	"nsjail/wire":             {"protocol"},
	"nsjail/transfer":         {"protocol"},
	"supervisor/api":          {"internal/jsonscan", "nsjail", "nsjail/uids", "protocol", "supervisor/config", "supervisor/jsonwriter"},
	"supervisor/batches":      {"internal/panics", "nsjail", "protocol", "supervisor/api", "supervisor/dropin", "supervisor/line", "supervisor/jsonwriter", "supervisor/stream"},
	"supervisor/bodies":       {},
	"supervisor/jobruns":      {"internal/panics", "jobs", "jobs/directory", "nsjail", "supervisor/api", "supervisor/batches", "supervisor/config", "supervisor/dropin", "supervisor/jsonwriter", "supervisor/line", "supervisor/logline", "supervisor/secrets", "supervisor/stream", "webhooks"},
	"supervisor/forward":      {"fleet", "internal/panics", "jobs/cluster", "supervisor/api", "supervisor/bodies", "supervisor/budget", "supervisor/config", "supervisor/conns", "supervisor/line", "supervisor/refusals", "supervisor/sessions"},
	"supervisor/refusals":     {"internal/panics", "pool", "protocol", "supervisor/api", "supervisor/keys", "supervisor/line", "supervisor/sessions"},
	"supervisor/dropin":       {"client", "compat", "internal/panics", "supervisor/api", "supervisor/bodies", "supervisor/budget", "supervisor/config", "supervisor/line"},
	"supervisor/playground":   {},
	"supervisor/logline":      {"supervisor/api", "supervisor/config", "supervisor/keys"},
	"supervisor/once":         {"doctor", "nsjail", "protocol", "supervisor/api", "supervisor/config"},
	"supervisor/budget":       {"nsjail", "protocol"},
	"supervisor/cells":        {"doctor", "nsjail", "nsjail/transfer", "pool", "protocol", "supervisor/api", "supervisor/config"},
	"supervisor/keys":         {"nsjail", "supervisor/budget", "supervisor/config", "supervisor/line"},
	"supervisor/preflight":    {"doctor", "supervisor/config", "supervisor/keys", "supervisor/secrets"},
	"supervisor/config":       {"doctor", "nsjail", "nsjail/cgroup", "nsjail/uids", "protocol", "supervisor/budget", "supervisor/conns", "webhooks"},
	"internal/jsonscan":       {},
	"supervisor/jsonwriter":   {},
	"supervisor/line":         {},
	"supervisor/sessions":     {"internal/panics", "nsjail", "nsjail/transfer", "protocol", "supervisor/api", "supervisor/config", "supervisor/line"},
	"supervisor/transfers":    {"nsjail/transfer", "protocol", "supervisor/api", "supervisor/sessions"},
	"cmd/hotcell":             {"batchfile", "client", "doctor", "internal/cli", "internal/columns", "internal/serverflags", "mcp", "nsjail/seccomp", "progress", "pyworker", "supervisor", "supervisor/once", "supervisor/preflight", "supervisor/api", "supervisor/config", "top", "supervisor/keys"},
	"cmd/hotcell-bench":       {"bench", "bench/baseline", "bench/capacity", "client", "internal/cli", "internal/columns", "internal/serverflags", "internal/testkit"},
	"supervisor/metrics":      {"jobs", "pool", "protocol", "supervisor/budget", "supervisor/cells", "supervisor/config", "supervisor/conns", "supervisor/keys", "supervisor/line", "supervisor/sessions", "supervisor/api", "webhooks"},
	"supervisor/tracing":      {},
	"supervisor/secrets":      {"supervisor/config", "webhooks"},
	"supervisor/conns":        {},
	"supervisor/stream":       {"internal/panics", "nsjail", "protocol", "supervisor/api", "supervisor/jsonwriter"},
	"supervisor/terminals":    {"internal/panics", "nsjail", "supervisor/api", "supervisor/keys"},
}

// testkit may be imported by tests only.
const testkit = "internal/testkit"

// testjail may be imported by tests that make jails.
const testjail = "internal/testjail"

// faked may be imported by tests of drop-in APIs.
const faked = "compat/faked"

// descriptors counts what a process has open, for tests and for the benchmark.
const descriptors = "internal/descriptors"

// forTests are the packages that any test may import. Tests of the service see it as
// a client does.
var forTests = []string{testkit, testjail, faked, descriptors, "client"}

const maxLines = 400

// trackedFiles returns the files of the repository, without the data of tests.
func trackedFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	var files []string
	for _, file := range strings.Fields(string(out)) {
		if _, err := os.Stat(file); err == nil && !strings.Contains(file, "testdata/") {
			files = append(files, file)
		}
	}
	return files
}

func TestImportsGoOneWay(t *testing.T) {
	for _, file := range trackedFiles(t) {
		if path.Ext(file) != ".go" {
			continue
		}
		dir := path.Dir(file)
		allowed, known := mayImport[dir]
		if !known && dir != "." {
			t.Errorf("%s: package %s is not in the layout", file, dir)
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			imported, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module)
			if ours && slices.Contains(forTests, imported) && strings.HasSuffix(file, "_test.go") {
				continue
			}
			if ours && imported != dir && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", file, imported)
			}
			if strings.Contains(spec.Path.Value, "golang.org/x/sys/unix") && !linuxOnly(file) {
				t.Errorf("%s imports x/sys/unix, and its name does not end in _linux.go", file)
			}
		}
		if slices.Contains([]string{"util", "utils", "common", "helpers"}, parsed.Name.Name) {
			t.Errorf("%s: package %s says nothing", file, parsed.Name.Name)
		}
	}
}

func linuxOnly(file string) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(file, ".go"), "_test")
	return strings.HasSuffix(name, "_linux") || strings.Contains(filepath.Base(name), "_linux_")
}

func TestFilesStaySmall(t *testing.T) {
	for _, file := range trackedFiles(t) {
		if ext := path.Ext(file); ext != ".go" && ext != ".py" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > maxLines {
			t.Errorf("%s has %d lines, at most %d", file, lines, maxLines)
		}
	}
}

const maxPackageLines = 2500

// sources returns the Go files of each package, without its tests.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	packages := make(map[string][]string)
	for _, file := range trackedFiles(t) {
		if path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go") {
			packages[path.Dir(file)] = append(packages[path.Dir(file)], file)
		}
	}
	return packages
}

func TestPackagesStaySmall(t *testing.T) {
	for dir, files := range sources(t) {
		lines := 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines += bytes.Count(text, []byte("\n"))
		}
		if lines > maxPackageLines {
			t.Errorf("package %s has %d lines without its tests, at most %d", dir, lines, maxPackageLines)
		}
	}
}

// The comment of a package is a map that names each of its files once.
func TestPackageCommentsNameEachFile(t *testing.T) {
	goFile := regexp.MustCompile(`(?:^|[^/\w])(\w+\.go)\b`)
	for dir, files := range sources(t) {
		comment, in := "", ""
		for _, file := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Doc != nil && in != "" {
				t.Errorf("package %s has two comments, in %s and in %s", dir, in, file)
			}
			if parsed.Doc != nil {
				comment, in = parsed.Doc.Text(), file
			}
		}
		if in == "" {
			t.Errorf("package %s has no comment", dir)
		}
		if len(files) == 1 {
			continue
		}
		named := make(map[string]int)
		for _, match := range goFile.FindAllStringSubmatch(comment, -1) {
			named[match[1]]++
		}
		for _, file := range files {
			if name := path.Base(file); file != in && named[name] != 1 {
				t.Errorf("package %s: the comment in %s names %s %d times, and not once", dir, in, name, named[name])
			}
			delete(named, path.Base(file))
		}
		for name := range named {
			t.Errorf("package %s: the comment in %s names %s, which there is not", dir, in, name)
		}
	}
}

// nats-server reads its options without a lock, so a test that changes those of a server that
// runs in its process has a data race. server.Authentication gives clients other rights.
func TestNoTestChangesTheOptionsOfANATSServerThatRuns(t *testing.T) {
	for _, file := range trackedFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if path.Ext(file) == ".go" && bytes.Contains(text, []byte(".Reload"+"Options(")) {
			t.Errorf("%s reloads the options of a NATS server", file)
		}
	}
}

// The repository must not contain the paths of a machine, or its package index.
func TestNothingOfAMachineIsCommitted(t *testing.T) {
	machine := regexp.MustCompile(`/ro` + `ot/|/wo` + `rk/main|https?://[a-z.]*(pyp` + `i|pythonh` + `osted|proxy\.gol` + `ang)`)
	for _, file := range trackedFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		hostile := strings.HasPrefix(file, "attack/scripts/") // they look for what hosts have
		if found := machine.Find(text); found != nil && !hostile {
			t.Errorf("%s holds %q", file, found)
		}
	}
}
