package playground

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func request(method, path string, header ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestOnlyThoseWhoAskForHTMLGetThePage(t *testing.T) {
	const chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
	for _, c := range []struct {
		method, path, accept string
		want                 bool
	}{
		{"GET", "/", chromium, true},
		{"HEAD", "/", "Text/HTML", true},
		{"GET", "/", "application/json, text/html;q=0.5", true},
		{"GET", "/", "text/html; q=0", false},
		{"GET", "/", "text/html;q=0.00", false},
		{"GET", "/", "*/*", false}, // curl
		{"GET", "/", "application/json", false},
		{"GET", "/", "text/htmlx", false},
		{"GET", "/", "", false},
		{"POST", "/", chromium, false},
		{"GET", "/execute", chromium, false},
		{"GET", "//", chromium, false},
		{"GET", "/playground/app.js", "*/*", true},
		{"GET", "/playground/app.css", "", true},
		{"POST", "/playground/app.js", "*/*", false},
		{"GET", "/playground/", chromium, false},
		{"GET", "/playground/index.html", chromium, false},
		{"GET", "/playground/../playground/app.js", chromium, false},
		{"GET", "/app.js", chromium, false},
	} {
		r := request(c.method, "/", "Accept", c.accept)
		r.URL.Path = c.path
		if got := IsFor(r); got != c.want {
			t.Errorf("%s %s with Accept %q: %v", c.method, c.path, c.accept, got)
		}
	}
}

func TestThePageMayLoadWhatItNamesAndNothingElse(t *testing.T) {
	for name, file := range files() {
		path := Prefix + name
		if name == index {
			path = "/"
		}
		w := httptest.NewRecorder()
		Serve(w, request("GET", path, "Accept", "text/html"))
		if w.Code != http.StatusOK || w.Body.String() != string(file.plain) || w.Header().Get("Content-Type") != file.kind || file.kind == "" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		rules := strings.Split(w.Header().Get("Content-Security-Policy"), "; ")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "img-src data:", "require-trusted-types-for 'script'"} {
			if !strings.Contains("; "+strings.Join(rules, "; ")+";", "; "+rule+";") {
				t.Errorf("%s: the policy lacks %q", path, rule)
			}
		}
		if name == index {
			continue
		}
		if !bytes.Contains(files()[index].plain, []byte(`"playground/`+name+`"`)) && !bytes.Contains(files()["app.js"].plain, []byte(`"./`+name+`"`)) && !bytes.Contains(files()["app.js"].plain, []byte(`"playground/`+name+`"`)) {
			t.Errorf("nothing loads %s", name)
		}
	}
	if inline := regexp.MustCompile(`(?i)<script[^>]*>[^<]|\son[a-z]+=|style=|(?:src|href)="(?:https?:|//)`).Find(files()[index].plain); inline != nil {
		t.Errorf("%s has %q", index, inline)
	}
}

func TestTheFirstScreenIsSmall(t *testing.T) {
	const most = 250_000
	sum := 0
	for _, name := range []string{index, "app.css", "app.js"} {
		sum += len(files()[name].zipped)
	}
	if sum > most {
		t.Errorf("the first screen has %d bytes compressed, at most %d", sum, most)
	}
}

func TestFilesAreCompressedAndNotSentTwice(t *testing.T) {
	w := httptest.NewRecorder()
	Serve(w, request("GET", "/playground/app.js", "Accept-Encoding", "gzip, deflate, br"))
	unzip, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(unzip); err != nil || !bytes.Equal(plain, files()["app.js"].plain) {
		t.Errorf("%d bytes, %v", len(plain), err)
	}
	again := httptest.NewRecorder()
	Serve(again, request("GET", "/playground/app.js", "Accept-Encoding", "gzip, deflate, br", "If-None-Match", w.Header().Get("Etag")))
	if again.Code != http.StatusNotModified {
		t.Errorf("%d", again.Code)
	}
	other := httptest.NewRecorder()
	Serve(other, request("GET", "/playground/app.js", "If-None-Match", w.Header().Get("Etag")))
	if other.Code != http.StatusOK || other.Header().Get("Content-Encoding") != "" {
		t.Errorf("%d %v", other.Code, other.Header())
	}
}
