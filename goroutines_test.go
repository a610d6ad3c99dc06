package hotcell_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// A panic in a goroutine ends the server and everybody's work, unless the goroutine
// catches it. So what runs for one client beside its handler does so first of all:
// panics.Caught makes it that client's error. These goroutines have no such line.
var uncaught = map[string]string{
	"compat/jupyter/channels.go serveChannels AfterFunc":  "only cancels",
	"mcp/http.go endWithClient AfterFunc":                 "only cancels",
	"supervisor/authorize.go untilRevoked AfterFunc":      "only cancels",
	"supervisor/dropin/inside.go RoundTrip AfterFunc":     "only closes a pipe",
	"supervisor/forward/pass.go Pass AfterFunc":           "only cancels",
	"supervisor/execute.go answer AfterFunc":              "only sets a deadline",
	"supervisor/execute.go untilKilled AfterFunc":         "only cancels",
	"supervisor/execute.go yieldAfter AfterFunc":          "only gives a place back",
	"supervisor/budget/freed.go Freed go":                 "only runs the garbage collector",
	"supervisor/line/linger.go linger go":                 "only counts",
	"supervisor/sessions/registry.go bury go":             "only counts",
	"supervisor/sessions/session.go begin AfterFunc":      "only ends a session",
	"supervisor/sessions/session.go call AfterFunc":       "only cancels",
	"supervisor/sessions/session.go files AfterFunc":      "only cancels",
	"supervisor/sessions/session.go untilExpired go":      "only waits",
	"supervisor/terminals/pump.go Finish AfterFunc":       "only closes a connection",
	"supervisor/transfers/transfers.go Send AfterFunc":    "only sets a deadline",
	"supervisor/transfers/transfers.go Receive AfterFunc": "only sets a deadline",
	"supervisor/conns/watch_linux.go halfClosed go":       "calls Stream.KeepOpen, which catches",
	"supervisor/batches/batch.go Serve AfterFunc":         "only cancels",
	"supervisor/batch.go batch AfterFunc":                 "only cancels",
	"supervisor/jobruns/work.go waiting AfterFunc":        "only cancels",
	"supervisor/conns/watch_linux.go Watch go":            "calls Stream.KeepOpen, which catches",
	"supervisor/conns/watch_linux.go probe AfterFunc":     "only writes to a connection",
	"supervisor/conns/close_linux.go Close go":            "only reads from a connection",
	"supervisor/conns/listener_linux.go admit go":         "only closes a connection",
	"supervisor/cells/cell.go Run AfterFunc":              "gives a cell back: the server's own work",
	"supervisor/cells/profile.go Open Go":                 "the server's own work",
	"supervisor/cells/profile.go makeCell go":             "the server's own work",
	"supervisor/service.go Start go":                      "the server's own work",
	"supervisor/service.go start Go":                      "the server's own work",
	"supervisor/service.go Drain Go":                      "the server's own work",
}

func TestGoroutinesThatServeAClientCatchTheirPanics(t *testing.T) {
	left := make(map[string]bool)
	for name := range uncaught {
		left[name] = true
	}
	for _, file := range trackedFiles(t) {
		dir := path.Dir(file)
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || dir != "mcp" && !within(dir, "supervisor") && !within(dir, "compat") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		methods := make(map[string]*ast.BlockStmt)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				methods[f.Name.Name] = f.Body
			}
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			for _, started := range startedIn(f) {
				name := file + " " + f.Name.Name + " " + started.by
				body := bodyOf(started.what, methods)
				if body != nil && catches(body) {
					continue
				}
				if uncaught[name] == "" {
					t.Errorf("%s: what it starts must begin with defer panics.Caught(…), or stand in the list with a reason", name)
				}
				delete(left, name)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("these start nothing, or catch what it throws: %v", slices.Sorted(maps.Keys(left)))
	}
}

func within(dir, root string) bool { return dir == root || strings.HasPrefix(dir, root+"/") }

// started is what runs in a goroutine, and what starts it: go, Go, AfterFunc.
type started struct {
	by   string
	what ast.Expr
}

// startedIn returns what a function starts as goroutines: by go, by a wait group, by a
// timer, when a context ends.
func startedIn(f *ast.FuncDecl) (all []started) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			all = append(all, started{"go", n.Call.Fun})
		case *ast.CallExpr:
			called, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				break
			}
			if called.Sel.Name == "Go" && len(n.Args) == 1 || called.Sel.Name == "AfterFunc" && len(n.Args) == 2 {
				all = append(all, started{called.Sel.Name, n.Args[len(n.Args)-1]})
			}
		}
		return true
	})
	return all
}

// bodyOf returns the body of a function literal, or of a function of the same file.
func bodyOf(started ast.Expr, methods map[string]*ast.BlockStmt) *ast.BlockStmt {
	switch started := started.(type) {
	case *ast.FuncLit:
		return started.Body
	case *ast.SelectorExpr:
		return methods[started.Sel.Name]
	case *ast.Ident:
		return methods[started.Name]
	}
	return nil
}

// catches reports whether a body defers panics.Caught before it does anything else.
func catches(body *ast.BlockStmt) bool {
	for _, statement := range body.List {
		deferred, ok := statement.(*ast.DeferStmt)
		if !ok {
			return false
		}
		if called, ok := deferred.Call.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Caught" {
			return true
		}
	}
	return false
}
