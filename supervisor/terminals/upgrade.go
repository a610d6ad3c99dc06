package terminals

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/supervisor/api"
)

// CheckUpgrade returns the problem of a request that cannot become the WebSocket of a
// terminal, or nil.
func CheckUpgrade(r *http.Request) *api.Problem {
	if !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket") || r.Method != http.MethodGet {
		p := api.Refuse(api.CodeUpgradeRequired, "/tty takes WebSockets (RFC 6455) with the sub-protocol %s", api.TTYProtocol)
		p.Upgrade = "websocket"
		return p
	}
	if r.ContentLength != 0 { // after the upgrade, a body would be read as messages
		return api.Refuse(api.CodeInvalidRequest, "an upgrade request must not have a body")
	}
	if !hasToken(r.Header, "Sec-WebSocket-Protocol", api.TTYProtocol) {
		return api.Refuse(api.CodeInvalidRequest, "the sub-protocol must be %s", api.TTYProtocol)
	}
	return nil
}

func hasToken(header http.Header, name, token string) bool {
	return slices.ContainsFunc(strings.Split(strings.Join(header.Values(name), ","), ","), func(part string) bool {
		return strings.EqualFold(strings.TrimSpace(part), token)
	})
}
