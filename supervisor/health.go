package supervisor

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/playground"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// livez reports that the process answers.
func (s *Service) livez(w http.ResponseWriter, _ *http.Request, _ *exchange) error {
	writeText(w, http.StatusOK, "ok\n")
	return nil
}

// page serves the playground. It needs no key: what it shows, it asks the API for.
func (s *Service) page(w http.ResponseWriter, r *http.Request, x *exchange) error {
	x.route = "/"
	if err := s.authorize(r, x, rightOpen); err != nil {
		return err
	}
	playground.Serve(w, r)
	return nil
}

// readyz reports whether a script would run now, and if not, why.
func (s *Service) readyz(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	status := http.StatusOK
	var verbose, reasons strings.Builder
	for _, check := range s.checks() {
		if check.err == nil {
			fmt.Fprintf(&verbose, "[+] %s: ok\n", check.name)
			continue
		}
		status = http.StatusServiceUnavailable
		fmt.Fprintf(&verbose, "[-] %s: %v\n", check.name, check.err)
		fmt.Fprintf(&reasons, "%s: %v\n", check.name, check.err)
	}
	text := "ok\n"
	switch {
	case r.URL.Query().Has("verbose"):
		text = verbose.String()
	case status != http.StatusOK:
		text = reasons.String()
	}
	writeText(w, status, text)
	return nil
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

type check struct {
	name string
	err  error // for everyone to read; the log has the details
}

func (s *Service) checks() []check {
	checks := []check{{name: "serving"}}
	if s.draining.Load() {
		checks[0].err = refusals.ErrDraining
	}
	for _, cfg := range s.cfg.AllProfiles() {
		p := s.profiles[cfg.Name]
		checks = append(checks,
			check{"jail " + cfg.Name, p.CheckJail()},
			check{"self-test " + cfg.Name, nil}, // else Start would have failed
			check{"cells " + cfg.Name, p.CheckCells()})
	}
	return checks
}

// info describes the profiles that a key may use, with the key's own limits.
func (s *Service) info(w http.ResponseWriter, _ *http.Request, x *exchange) error {
	body, err := api.Encode(s.describe(x.key.Narrow(s.cfg.AllProfiles())))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
	return nil
}

// describe returns what /info says of the service and of these profiles.
func (s *Service) describe(own []config.Profile) api.Info {
	info := api.Info{Version: s.cfg.Version, Go: runtime.Version(), DefaultProfile: own[0].Name, UIDs: s.host.UIDs(), Connections: s.connections, Memory: api.Memory{Max: s.memory.Figure, MaxBodies: s.memory.Bodies, MaxAnswers: s.memory.Answers}, LandlockABI: s.host.LandlockABI(), Profiles: make(map[string]api.ProfileInfo)}
	for _, cfg := range own {
		info.Profiles[cfg.Name] = s.profiles[cfg.Name].Jail().Info(cfg)
	}
	return info
}

// openapi serves GET /openapi.yaml.
func (s *Service) openapi(w http.ResponseWriter, _ *http.Request, _ *exchange) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(api.OpenAPI)
	return nil
}
