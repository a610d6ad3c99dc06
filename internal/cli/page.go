package cli

import (
	"os"
	"path/filepath"
	"regexp"
)

// online is where the pages are for those who have only the program.
const online = "https://github.com/hotcell/hotcell/blob/main/docs/"

// Page returns where the user finds a page of docs, named without .md: where the Debian
// package and make install put it, in the checkout that the program was built in, or
// else online.
func Page(name string) string {
	page := name + ".md"
	executable, err := os.Executable()
	if err != nil {
		return online + page
	}
	prefix := filepath.Dir(filepath.Dir(executable))
	for _, dir := range []string{"share/doc/hotcell/docs", "docs"} {
		path := filepath.Join(prefix, dir, page)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return online + page
}

// pages are pages as the descriptions of commands name them.
var pages = regexp.MustCompile(`\bdocs/([a-z-]+)\.md\b`)

// located has each page of a description where page says that it is.
func located(description string, page func(name string) string) string {
	return pages.ReplaceAllStringFunc(description, func(found string) string {
		return page(pages.FindStringSubmatch(found)[1])
	})
}
