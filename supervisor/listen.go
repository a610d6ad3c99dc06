package supervisor

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// listenForClients starts listening on the address for clients.
func (s *Service) listenForClients(handler http.Handler) error {
	limit, err := config.DescriptorLimit()
	if err != nil {
		return err
	}
	most, perAddress, err := s.cfg.Connections(limit, s.memory.Connections)
	if err != nil {
		return err
	}
	s.connections = api.Connections{Max: most, MaxPerAddress: perAddress, Descriptors: limit}
	s.log.Info("descriptors", "limit", limit, "reserved", s.cfg.Reserved(limit), "max_connections", most, "max_connections_per_address", perAddress)
	if n := len(s.apiAddresses()); n > 0 {
		// They share the connections evenly.
		s.forAPIs = conns.Config{Most: max(1, most/(n+1)), Spare: time.Second}
		s.forAPIs.MostPerAddress = min(perAddress, s.forAPIs.Most)
		most -= n * s.forAPIs.Most
		perAddress = min(perAddress, most)
	}
	return s.listen("listen", s.cfg.Listen, handler, conns.Config{Most: most, MostPerAddress: perAddress, Spare: time.Second})
}

// apiAddress is an address of a drop-in API's own.
type apiAddress struct {
	api     compat.API
	address string
}

// apiAddresses returns those of the APIs that are served.
func (s *Service) apiAddresses() []apiAddress {
	var all []apiAddress
	for _, a := range s.apis {
		if i := slices.Index(config.APIs[:], a.Name); i >= 0 {
			for _, address := range s.cfg.CompatListen[i] {
				all = append(all, apiAddress{a, address})
			}
		}
	}
	return all
}

// listenForAPIs starts listening on the addresses of drop-in APIs.
func (s *Service) listenForAPIs() error {
	for _, at := range s.apiAddresses() {
		if err := s.listen("compat_listen."+at.api.Name, at.address, s.rootOf(at.api), s.forAPIs); err != nil {
			return err
		}
		s.log.Info("api", "name", at.api.Name, "address", s.listeners[len(s.listeners)-1].Addr().String())
	}
	return nil
}

func (s *Service) listen(setting, address string, handler http.Handler, cfg conns.Config) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%s = %q (%s): %w", setting, address, s.cfg.Origin(setting), err)
	}
	if err := s.cfg.CheckOpen(listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	cfg.Log, cfg.Refusal = s.log, refusals.TooManyConnections()
	s.listeners = append(s.listeners, conns.Listen(listener, cfg))
	s.servers = append(s.servers, &http.Server{
		Handler: handler,
		// Bodies and answers may take as long as they make progress: see package
		// conns.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    budget.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // mostly caused by clients
	})
	return nil
}

// Addr returns the address for clients, with the actual port for port 0.
func (s *Service) Addr() net.Addr { return s.listeners[0].Addr() }

// AdminAddr returns the address of the admin listener; nil if there is none.
func (s *Service) AdminAddr() net.Addr {
	if s.cfg.AdminListen == "" || len(s.listeners) < 2 {
		return nil
	}
	return s.listeners[1].Addr()
}
