package azure

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/compat"
)

// Semantic Kernel's uploads say that they are JSON once it has run code.
func TestAFormIsOneWhateverItsHeaderSays(t *testing.T) {
	const form = "--0a1b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--0a1b--\r\n"
	long := strings.ReplaceAll(form, "0a1b", strings.Repeat("x", 70))
	for _, c := range []struct{ kind, body, want string }{
		{"multipart/form-data; boundary=0a1b", form, "hello"},
		{"application/json", form, "hello"},
		{"application/json; charset=utf-8", long, "hello"},
		{"application/json", `{"code": "1"}`, ""},
		{"application/json", "--", ""},
		{"application/json", "", ""},
		{"text/plain", form, ""},
	} {
		r := httptest.NewRequest("POST", "/files/upload", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		var content []byte
		parts, err := compat.NewForm(asForm(r))
		if err == nil {
			part, broken := parts.Next()
			if err = broken; err == nil {
				content, err = io.ReadAll(part)
			}
		}
		if string(content) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s, %.20q: %q %v", c.kind, c.body, content, err)
		}
	}
}
