package compat_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/compat"
)

func form(body io.Reader) *http.Request {
	r := httptest.NewRequest("POST", "/", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	return r
}

func TestAPartOfAFormIsReadWhateverItsSize(t *testing.T) {
	large := strings.Repeat("x", 1<<20)
	parts, err := compat.NewForm(form(strings.NewReader("--b\r\nA: skipped\r\n\r\n" + large + "\r\n--b\r\nA: read\r\n\r\n" + large + "\r\n--b--\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if part, err := parts.Next(); err != nil || part.Header.Get("A") != "skipped" {
		t.Fatal(part, err)
	}
	part, err := parts.Next()
	if err != nil || part.Header.Get("A") != "read" {
		t.Fatal(part, err)
	}
	if got, err := io.ReadAll(part); err != nil || string(got) != large {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := parts.Next(); err != io.EOF {
		t.Error(err)
	}
	if _, err := compat.NewForm(httptest.NewRequest("POST", "/", http.NoBody)); err == nil {
		t.Error("what is no form was taken for one")
	}
}

func TestTheHeaderOfAPartIsBounded(t *testing.T) {
	for _, begins := range []string{"--b\r\nA: ", "--b\r\n", "before ", "--b\r\nA: b\r\n\r\ncontent\r\n--b\r\nA: "} {
		body := strings.NewReader(begins + strings.Repeat("a: xxx\r\n", 1<<17))
		if strings.HasSuffix(begins, "A: ") {
			body = strings.NewReader(begins + strings.Repeat("x", 1<<20))
		}
		all := body.Len()
		parts, err := compat.NewForm(form(body))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = parts.Next()
		}
		if taken := all - body.Len(); err == io.EOF || taken > 64<<10 {
			t.Errorf("%q: %d bytes were taken, %v", begins, taken, err)
		}
	}
}
