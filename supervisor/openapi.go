package supervisor

import (
	"net/http"

	"github.com/hotcell/hotcell/supervisor/api"
)

func (s *Service) openapi(w http.ResponseWriter, _ *http.Request, _ *exchange) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(api.OpenAPI)
	return nil
}
