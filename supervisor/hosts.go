package supervisor

import (
	"net/http"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// checkHost protects against DNS rebinding where no key is needed: it refuses
// requests whose Host is not one of hotcell's own names. The owner of another name
// can point it to this machine after a browser has loaded a page from it. To the
// browser that page then has hotcell's own origin, and may read every answer. This
// does not work with an address, or with localhost, which browsers do not look up.
func (s *Service) checkHost(r *http.Request) error {
	if s.keys != nil || conns.IsLocal(r.Host) || len(s.cfg.Hosts) == 0 && s.cfg.OpenToAll || conns.IsNamed(r.Host, s.cfg.Hosts) {
		return nil
	}
	return api.Refuse(api.CodeForbidden, "%q is not a name of this server: without keys it accepts localhost, IP addresses, and the names in the hosts setting", api.Shorten(r.Host))
}
