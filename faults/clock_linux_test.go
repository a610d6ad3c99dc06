package faults_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// CLOCK_MONOTONIC and CLOCK_BOOTTIME can be set per time namespace, which jails
// inherit.
func TestClocksMayBeAYearAhead(t *testing.T) {
	fault{
		name:   "monotonic clock a year ahead",
		before: []string{"unshare", "--time", "--monotonic", "31536000", "--boottime", "31536000", "--"},
		inject: func(*testing.T, *program, *load) time.Time { return time.Now() },
	}.run(t)
}

// When a stopped process continues, all its clocks have jumped: every timer that was
// due fires at once.
func TestHotcellMayPause(t *testing.T) {
	fault{
		name: "clocks jump: hotcell itself stopped for 1 s",
		inject: func(_ *testing.T, p *program, _ *load) time.Time {
			p.Signal(syscall.SIGSTOP)
			time.Sleep(time.Second)
			p.Signal(syscall.SIGCONT)
			return time.Now()
		},
	}.run(t)
}

// wallClock lists the names of package time that drop a Time's monotonic reading, or
// make a Time without one. If none of them is used, Go compares times by the
// monotonic clock.
var wallClock = map[string]bool{
	"Unix": true, "UnixMilli": true, "UnixMicro": true, "UnixNano": true, "Date": true, "Parse": true, "ParseInLocation": true,
	"AddDate": true, "UTC": true, "Local": true, "In": true, "GobEncode": true, "MarshalJSON": true,
}

// CLOCK_REALTIME cannot be set for one process alone. So this test checks that the
// code never uses it: then no jump of it can matter.
func TestNothingDependsOnTheWallClock(t *testing.T) {
	for _, dir := range []string{"pool", "nsjail", "supervisor", "protocol"} {
		paths, _ := filepath.Glob(filepath.Join("..", dir, "*.go"))
		if len(paths) == 0 {
			t.Errorf("no files in %s", dir)
		}
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				mustNotAskForTheWallClock(t, path)
			}
		}
	}
	asks := regexp.MustCompile(`\btime\.(time|time_ns|localtime|gmtime|strftime)\(|\b(now|today|utcnow)\(\)`)
	paths, _ := filepath.Glob("../pyworker/*.py")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if found := asks.Find(text); found != nil {
			t.Errorf("%s asks for the wall clock: %s", path, found)
		}
	}
}

func mustNotAskForTheWallClock(t *testing.T, path string) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		// time.Unix(1, 0) is a deadline that has passed on every clock.
		if selector, ok := call.Fun.(*ast.SelectorExpr); ok && wallClock[selector.Sel.Name] && !isPast(call) && !isURL(selector) {
			t.Errorf("%s asks for the wall clock: %s", files.Position(call.Pos()), selector.Sel.Name)
		}
		return true
	})
}

// isURL excludes url.Parse, which is not of package time.
func isURL(selector *ast.SelectorExpr) bool {
	of, ok := selector.X.(*ast.Ident)
	return ok && of.Name == "url"
}

func isPast(call *ast.CallExpr) bool {
	if len(call.Args) != 2 {
		return false
	}
	seconds, ok := call.Args[0].(*ast.BasicLit)
	return ok && seconds.Value == "1"
}
