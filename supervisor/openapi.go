package supervisor

import (
	_ "embed"
	"net/http"
)

// openapi is the contract in machine form. It is written by hand; a test holds it
// and the service together.
//
//go:embed openapi.yaml
var openapi []byte

func (s *Service) openapi(w http.ResponseWriter, _ *http.Request, _ *exchange) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openapi)
	return nil
}
