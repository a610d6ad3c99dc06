package keys

import (
	"net/http"
	"testing"
)

// Pages cannot set Authorization for a WebSocket.
func TestAWebSocketMayHaveItsSecretInASubprotocol(t *testing.T) {
	const offered = "hotcell.tty.v1, hotcell.key.hc_secret"
	for _, c := range []struct {
		name                             string
		upgrade, protocol, authorization string
		want                             string // empty: none
	}{
		{"a page's", "websocket", offered, "", "hc_secret"},
		{"the order does not matter", "WebSocket", "hotcell.key.hc_secret,hotcell.tty.v1", "", "hc_secret"},
		{"no WebSocket", "", offered, "", ""},
		{"another upgrade", "h2c", offered, "", ""},
		{"an empty one", "websocket", "hotcell.tty.v1, hotcell.key.", "", ""},
		{"none", "websocket", "hotcell.tty.v1", "", ""},
		{"the header counts", "websocket", offered, "Bearer hc_other", "hc_other"},
		{"a wrong header is no way around", "websocket", offered, "Basic hc_other", ""},
	} {
		header := http.Header{}
		for name, value := range map[string]string{"Upgrade": c.upgrade, "Sec-WebSocket-Protocol": c.protocol, "Authorization": c.authorization} {
			if value != "" {
				header.Set(name, value)
			}
		}
		if secret, ok := Bearer(header); ok != (c.want != "") || ok && secret != c.want {
			t.Errorf("%s: %q, %v", c.name, secret, ok)
		}
	}
}
