package azure

import (
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"
)

func TestAFilesNameStaysBelowTheFolder(t *testing.T) {
	for name, want := range map[string]string{
		"a.txt": "a.txt", "/mnt/data/a.txt": "a.txt", "sub/b.txt": "sub/b.txt", "/mnt/data/sub/b c.txt": "sub/b c.txt", "...": "...", `..\a`: `..\a`,
		"": "", "/mnt/data/": "", "/etc/passwd": "", "../a": "", "a/../../b": "", "a//b": "", ".": "", "/mnt/data//etc": "", "a/": "", "/mnt/data/../x": "",
	} {
		got, err := inside(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v, not %q", name, got, err, want)
		}
	}
}

func TestAPartsNameIsReadAsItsClientWritesIt(t *testing.T) {
	for _, c := range []struct {
		disposition string
		escaped     bool
		want        string // empty: refused; "-": no file
	}{
		{`form-data; name="file"; filename="a b.txt"`, false, "a b.txt"},
		{`form-data; name="file"; filename="/mnt/data/sub/a.txt"`, false, "sub/a.txt"},
		{`form-data; name="file"; filename*=utf-8''t%C3%A9.txt`, false, "té.txt"},
		{`form-data; name="file"; filename="100%25.txt"`, false, "100%25.txt"},
		{`form-data; name="file"; filename="t%C3%A9%20st.txt"`, true, "té st.txt"},
		{`form-data; name="file"; filename="..%2F..%2Fetc%2Fpasswd"`, true, ""},
		{`form-data; name="file"; filename="%2Fmnt%2Fdata%2Fa"`, true, "a"},
		{`form-data; name="file"; filename="../a"`, false, ""},
		{`form-data; name="note"`, false, "-"},
		{`form-data; name="file"; filename="a`, false, ""},
		{``, false, ""},
	} {
		part := &multipart.Part{Header: textproto.MIMEHeader{"Content-Disposition": {c.disposition}}}
		name, isFile, err := nameOf(part, c.escaped)
		switch {
		case c.want == "-":
			if isFile || err != nil {
				t.Errorf("%s: %q %v", c.disposition, name, err)
			}
		case name != c.want || (err == nil) != (c.want != ""):
			t.Errorf("%s: %q %v, not %q", c.disposition, name, err, c.want)
		}
	}
}

func TestIdentifiersLeadToIDsThatHotcellTakes(t *testing.T) {
	seen := make(map[string]string)
	for _, identifier := range []string{"a", "A", "a/../b", "é", "e\u0301", "{x}|&^%$#()[];<>", strings.Repeat("x", 256), " ", "azure-x", "..", "a\x00"} {
		id := idOf(identifier)
		if other, taken := seen[id]; taken {
			t.Errorf("%q and %q are both %s", other, identifier, id)
		}
		seen[id] = identifier
		if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return !strings.ContainsRune("-_", r) && (r > 'z' || r < '0') }) {
			t.Errorf("%q: %s", identifier, id)
		}
	}
}
