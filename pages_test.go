package hotcell_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// An installed program has no docs/ beside it. Messages name pages by cli.Page, and only
// the description of a command may name docs/PAGE.md, which its help puts where the page is.
func TestMessagesNamePagesThatUsersHave(t *testing.T) {
	named := regexp.MustCompile(`\b[\w/.-]+\.md\b`)
	exists := func(file, page string) {
		if _, err := os.Stat(page); err != nil {
			t.Errorf("%s names %s: %v", file, page, err)
		}
	}
	calls := 0
	for _, file := range trackedFiles(t) {
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "internal/cli/page") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.KeyValueExpr:
				if key, ok := node.Key.(*ast.Ident); ok && key.Name == "Long" {
					ast.Inspect(node.Value, func(part ast.Node) bool {
						if text, ok := part.(*ast.BasicLit); ok {
							for _, page := range named.FindAllString(text.Value, -1) {
								exists(file, page)
							}
						}
						return true
					})
					return false
				}
			case *ast.CallExpr:
				if called, ok := node.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Page" && len(node.Args) == 1 {
					if text, ok := node.Args[0].(*ast.BasicLit); ok {
						name, _ := strconv.Unquote(text.Value)
						exists(file, "docs/"+name+".md")
						calls++
					}
				}
			case *ast.BasicLit:
				if page := named.FindString(node.Value); node.Kind == token.STRING && strings.Contains(page, "/") {
					t.Errorf("%s: %s names %s, which an installed program does not have: use cli.Page", file, node.Value, page)
				}
			}
			return true
		})
	}
	if calls == 0 {
		t.Error("nothing calls cli.Page")
	}
}
