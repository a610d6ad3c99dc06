package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// descriptorLimit returns how many descriptors this process may have. Go's runtime
// raises the soft limit to the hard limit before main.
func descriptorLimit() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit RLIMIT_NOFILE: %w", err)
	}
	return limit.Cur, nil
}

// listenForClients starts listening on the address for clients.
func (s *Service) listenForClients(handler http.Handler) error {
	limit, err := descriptorLimit()
	if err != nil {
		return err
	}
	most, perAddress, err := s.cfg.Connections(limit, s.memory.Connections)
	if err != nil {
		return err
	}
	s.connections = api.Connections{Max: most, MaxPerAddress: perAddress, Descriptors: limit}
	s.log.Info("descriptors", "limit", limit, "reserved", s.cfg.Descriptors(), "max_connections", most, "max_connections_per_address", perAddress)
	return s.listen(s.cfg.Listen, handler, conns.Config{Most: most, MostPerAddress: perAddress, Spare: time.Second})
}

func (s *Service) listen(address string, handler http.Handler, cfg conns.Config) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := checkOpen(s.cfg, listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	cfg.Log, cfg.Refusal = s.log, tooManyConnections()
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

// tooManyConnections returns the answer, as bytes on the wire, to a client that
// connects when the limit on connections is reached.
func tooManyConnections() []byte {
	p := api.Refuse(api.CodeSaturated, "too many connections: all are in use, or all that one address may have")
	p.RetryAfter = time.Second
	answer := &wireAnswer{header: http.Header{"Connection": {"close"}}}
	p.Write(answer, "")
	return answer.text.Bytes()
}

// wireAnswer is an answer as bytes on the wire.
type wireAnswer struct {
	header http.Header
	text   bytes.Buffer
}

func (w *wireAnswer) Header() http.Header { return w.header }

func (w *wireAnswer) WriteHeader(status int) {
	fmt.Fprintf(&w.text, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = w.header.Write(&w.text)
	w.text.WriteString("\r\n")
}

func (w *wireAnswer) Write(data []byte) (int, error) { return w.text.Write(data) }

// ErrOpen is wrapped when the configuration would let everyone who can reach a
// listener use it, without saying that this is intended.
var ErrOpen = errors.New("without keys hotcell listens on loopback only")

func checkOpen(c config.Config, address net.Addr) error {
	tcp, ok := address.(*net.TCPAddr)
	if c.Keys != "" || c.OpenToAll || ok && tcp.IP.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %v: %w", address, ErrOpen)
}

// Addr returns the address for clients, with the actual port for port 0.
func (s *Service) Addr() net.Addr { return s.listeners[0].Addr() }

// AdminAddr returns the address of the admin listener; nil if there is none.
func (s *Service) AdminAddr() net.Addr {
	if len(s.listeners) < 2 {
		return nil
	}
	return s.listeners[1].Addr()
}
