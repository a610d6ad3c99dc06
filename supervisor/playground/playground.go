// Package playground is the page that hotcell shows to browsers, for people who want to
// try it.
//
//   - playground.go: serves the page and its files, and says what they may do.
//
// The files in page are built from clients/playground. They are the same for everyone:
// they have no data, and the page asks the API for what it shows, with the key that its
// visitor enters.
package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Prefix is where the files of the page are. The page itself is at the root.
const Prefix = "/playground/"

const index = "index.html"

// policy forbids whatever the page does not need. Its scripts are files, so that no text
// that a script printed can become one. Nothing is asked of other servers. Styles may be
// inline: the editor and the terminal make some. Frames with HTML that a script made are
// about:srcdoc, and have this policy, too; trusted types make sure that HTML gets nowhere
// else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types frame"

//go:embed page
var embedded embed.FS

type file struct {
	kind   string // its Content-Type
	tag    string // of its content, without quotes
	plain  []byte
	zipped []byte
}

var kinds = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

// files returns the page's files by name.
var files = sync.OnceValue(func() map[string]file {
	found := make(map[string]file)
	entries, err := fs.ReadDir(embedded, "page")
	if err != nil {
		panic(err) // it is in the program
	}
	for _, entry := range entries {
		name := entry.Name()
		plain, err := embedded.ReadFile("page/" + name)
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(plain)
		found[name] = file{kind: kinds[path.Ext(name)], tag: hex.EncodeToString(sum[:8]), plain: plain, zipped: zip(plain)}
	}
	return found
})

func zip(plain []byte) []byte {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	_, _ = w.Write(plain) // into memory
	_ = w.Close()
	return zipped.Bytes()
}

// nameOf returns which of the files a request is for, and "" if it is for none. The page
// itself is for those who ask for HTML, as browsers do and API clients do not.
func nameOf(r *http.Request) string {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return ""
	case r.URL.Path == "/" && accepts(r.Header["Accept"], "text/html", "application/xhtml+xml"):
		return index
	}
	name, below := strings.CutPrefix(r.URL.Path, Prefix)
	if _, known := files()[name]; !below || !known || name == index {
		return ""
	}
	return name
}

// IsFor reports whether a request is for the page or for one of its files.
func IsFor(r *http.Request) bool { return nameOf(r) != "" }

// Serve answers a request that [IsFor] the page.
func Serve(w http.ResponseWriter, r *http.Request) {
	name := nameOf(r)
	asked := files()[name]
	content, tag := asked.plain, asked.tag
	header := w.Header()
	if accepts(r.Header["Accept-Encoding"], "gzip") {
		content, tag = asked.zipped, asked.tag+"-gzip"
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Vary", "Accept, Accept-Encoding")
	header.Set("Content-Type", asked.kind)
	header.Set("Content-Security-Policy", policy)
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("X-DNS-Prefetch-Control", "off")
	header.Set("Cache-Control", "no-cache") // the next version has the same names
	header.Set("Etag", `"`+tag+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// accepts reports whether an Accept or Accept-Encoding header names one of the values,
// not counting those with the weight 0.
func accepts(header []string, values ...string) bool {
	for _, item := range strings.Split(strings.Join(header, ","), ",") {
		value, parameters, _ := strings.Cut(item, ";")
		weight := strings.ReplaceAll(parameters, " ", "")
		refused := strings.HasPrefix(weight, "q=0") && strings.Trim(weight[len("q=0"):], ".0") == ""
		for _, one := range values {
			if strings.EqualFold(strings.TrimSpace(value), one) && !refused {
				return true
			}
		}
	}
	return false
}
