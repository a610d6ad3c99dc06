package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
)

func TestFilesOfASessionGoInAndComeOut(t *testing.T) {
	kept := make(map[string]string)
	c := serve(t, client.Options{}, func(w http.ResponseWriter, r *http.Request) {
		place, ok := strings.CutPrefix(r.URL.EscapedPath(), "/sessions/chat-7.a_b/files")
		switch {
		case !ok:
			t.Errorf("asked for %s", r.URL)
		case place == "" && r.URL.Query().Get("pattern") == "*.b&n":
			answer(w, "application/json", 200, `{"files":[{"path":"a","bytes":3}],"more":true}`)
		case r.Method == http.MethodPut:
			body, _ := io.ReadAll(r.Body)
			kept[place] = string(body)
			answer(w, "application/json", 200, `{"path":"a","bytes":3}`)
		case r.Method == http.MethodDelete:
			delete(kept, place)
			w.WriteHeader(http.StatusNoContent)
		case kept[place] == "":
			answer(w, "application/problem+json", 404, refusal(client.CodeNotFound, 404))
		default:
			answer(w, "application/octet-stream", 200, kept[place])
		}
	})
	s, err := c.Session("chat-7.a_b")
	if err != nil {
		t.Fatal(err)
	}
	const name = "out/ü ?#%25"
	if err := s.WriteFile(t.Context(), name, strings.NewReader("\x00text")); err != nil {
		t.Fatal(err)
	}
	if kept["/out/%C3%BC%20%3F%23%2525"] != "\x00text" {
		t.Errorf("%q", kept)
	}
	file, err := s.ReadFile(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(file); string(content) != "\x00text" || err != nil {
		t.Errorf("%q %v", content, err)
	}
	_ = file.Close()
	if err := s.RemoveFile(t.Context(), name); err != nil {
		t.Error(err)
	}
	if _, err := s.ReadFile(t.Context(), name); err == nil || !strings.Contains(err.Error(), "not now") {
		t.Errorf("%v", err)
	}
	if files, more, err := s.Files(t.Context(), "*.b&n"); len(files) != 1 || files[0] != (client.SessionFile{Path: "a", Bytes: 3}) || !more || err != nil {
		t.Errorf("%v %v %v", files, more, err)
	}
	for _, path := range []string{"", "..", "a/../../b", "/etc/passwd", "a//b", "."} {
		if err := s.WriteFile(t.Context(), path, strings.NewReader("")); err == nil || !strings.Contains(err.Error(), "is not a path") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// closable is content that must not be closed: to close the part of a form is to read it.
type closable struct {
	io.Reader
	closed bool
}

func (c *closable) Close() error { c.closed = true; return nil }

func TestWhatIsWrittenIsNotClosed(t *testing.T) {
	c := serve(t, client.Options{}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInsufficientStorage) })
	s, err := c.Session("s")
	if err != nil {
		t.Fatal(err)
	}
	content := &closable{Reader: strings.NewReader("text")}
	if err := s.WriteFile(t.Context(), "a", content); err == nil || content.closed {
		t.Errorf("%v, closed %v", err, content.closed)
	}
}
