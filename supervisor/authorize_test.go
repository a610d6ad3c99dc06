package supervisor

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func TestTheSecretIsThatOfOneBearerHeader(t *testing.T) {
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, ""}, {[]string{"Bearer abc"}, "abc"}, {[]string{"bearer  abc "}, "abc"}, {[]string{"Bearer"}, ""}, {[]string{"Bearer "}, ""},
		{[]string{"Basic abc"}, ""}, {[]string{"abc"}, ""}, {[]string{"Bearer abc", "Bearer def"}, ""},
	} {
		if got, ok := keys.Bearer(http.Header{"Authorization": c.headers}); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q: %q, %v", c.headers, got, ok)
		}
	}
}

func TestOnlyNamesOfThisMachineAreLocal(t *testing.T) {
	for host, want := range map[string]bool{
		"": true, "localhost": true, "localhost:8080": true, "a.localhost": true, "127.0.0.1:8080": true, "[::1]:8080": true, "[::1]": true, "10.0.0.1": true,
		"example.org": false, "localhost.example.org:8080": false, "127.0.0.1.example.org": false, "notlocalhost": false,
	} {
		if conns.IsLocal(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestAPageOfAnotherOriginIsKnownByItsHeaders(t *testing.T) {
	for _, c := range []struct {
		method  string
		headers []string
		want    bool
	}{
		{"POST", nil, false},
		{"POST", []string{"Sec-Fetch-Site", "same-origin"}, false},
		{"POST", []string{"Sec-Fetch-Site", "cross-site"}, true},
		{"POST", []string{"Sec-Fetch-Site", "same-site"}, true},
		{"POST", []string{"Origin", "http://hotcell:8080"}, false},
		{"POST", []string{"Origin", "http://example.org"}, true},
		{"POST", []string{"Origin", "null"}, true},
		{"DELETE", []string{"Origin", "http://example.org"}, true},
		{"GET", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"GET", []string{"Origin", "http://example.org", "Upgrade", "websocket"}, true},
		{"GET", []string{"Origin", "http://hotcell:8080", "Upgrade", "websocket"}, false},
	} {
		r := httptest.NewRequest(c.method, "http://hotcell:8080/execute", nil)
		for i := 0; i < len(c.headers); i += 2 {
			r.Header.Set(c.headers[i], c.headers[i+1])
		}
		if conns.IsCrossOrigin(r) != c.want {
			t.Errorf("%s %q: %v", c.method, c.headers, !c.want)
		}
	}
}
