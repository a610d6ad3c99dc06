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

// What each thing holds of descriptors, at most, as
// TestDescriptorsAreCountedRight measures it.
const (
	descriptorsOfService  = 64 // logs, listeners, the keys file, traces, /proc for a moment
	descriptorsOfJail     = 8
	descriptorsOfParked   = 5  // a cell that waits: channel, output, disk, pidfd
	descriptorsOfMaking   = 12 // with the other ends, and its cgroup's files
	descriptorsOfRunning  = 10 // with its counters
	descriptorsOfTerminal = 2  // beside its cell's
	adminConnections      = 32
	// mostConnections is how many there are at most unless the setting says more.
	mostConnections = 20_000
)

// ErrDescriptors is wrapped when the limit on descriptors is too low for what
// the settings promise.
var ErrDescriptors = errors.New("too few descriptors")

// descriptors is how many the service needs beside clients' connections: all
// pools full and being refilled, all places and sessions taken, as many cells as
// there are places being removed, and of each profile a second jail.
func descriptors(c config.Config) int {
	need := descriptorsOfService + 2*conns.Descriptors + adminConnections
	for _, p := range c.AllProfiles() {
		cells := max(p.PoolSize, p.PoolMax)
		making := min(p.RefillParallel, cells) // and beyond the pool only for places, which have theirs
		need += 2*descriptorsOfJail + (cells-making)*descriptorsOfParked + making*descriptorsOfMaking
	}
	return need + c.MaxRunning*(descriptorsOfRunning+descriptorsOfParked) + c.MaxSessions*descriptorsOfRunning + c.TTYMax*descriptorsOfTerminal
}

// connections is how many connections clients may have, in all and from one
// address, where so many descriptors may be open and there is memory for room
// connections; 0: for any. Each script that may run needs
// one, and so do a few that ask how the service is.
func connections(c config.Config, room int, limit uint64) (most, perAddress int, err error) {
	need := descriptors(c)
	left := int(min(limit, 1<<30)) - need // #nosec G115 -- bounded
	least := c.MaxRunning + 16
	most = c.MaxConnections
	switch {
	case most == 0 && left < least:
		return 0, 0, fmt.Errorf("%w: RLIMIT_NOFILE is %d, and the settings need %d for pools, runs and sessions and %d for connections: raise it (ulimit -n, LimitNOFILE=), or lower max_running, max_sessions, pool_size or pool_max",
			ErrDescriptors, limit, need, least)
	case most == 0:
		most = min(left, mostConnections)
		if room > 0 {
			most = min(most, max(room, least))
		}
	case most > left:
		return 0, 0, fmt.Errorf("%w: max_connections is %d (%s), and RLIMIT_NOFILE, which is %d, leaves %d: pools, runs and sessions need %d",
			ErrDescriptors, most, c.Origin("max_connections"), limit, max(left, 0), need)
	}
	if perAddress = c.MaxConnectionsPerAddress; perAddress == 0 {
		perAddress = (most + 1) / 2
	}
	return most, min(perAddress, most), nil
}

// descriptorLimit is how many descriptors this process may have. Go's runtime
// has raised the soft limit to the hard one before main.
func descriptorLimit() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit RLIMIT_NOFILE: %w", err)
	}
	return limit.Cur, nil
}

// listenForClients begins to listen on the address for clients.
func (s *Service) listenForClients(handler http.Handler) error {
	limit, err := descriptorLimit()
	if err != nil {
		return err
	}
	most, perAddress, err := connections(s.cfg, s.memory.Connections, limit)
	if err != nil {
		return err
	}
	s.connections = api.Connections{Max: most, MaxPerAddress: perAddress, Descriptors: limit}
	s.log.Info("descriptors", "limit", limit, "reserved", descriptors(s.cfg), "max_connections", most, "max_connections_per_address", perAddress)
	return s.listen(s.cfg.Listen, handler, conns.Config{Most: most, MostPerAddress: perAddress})
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
		// Bodies and answers may take as long as they make progress: see conns.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    budget.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // clients' doing, mostly
	})
	return nil
}

// tooManyConnections is the answer, as it stands on the wire, to a client for
// whose connection there is no room.
func tooManyConnections() []byte {
	p := api.Refuse(api.CodeSaturated, "all connections are taken, or all that one address may have")
	p.RetryAfter = time.Second
	answer := &wireAnswer{header: http.Header{"Connection": {"close"}}}
	p.Write(answer, "")
	return answer.text.Bytes()
}

// wireAnswer is an answer as it stands on the wire.
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

// ErrOpen is wrapped when everybody who reaches a listener could use it, and
// nobody has said that this is meant.
var ErrOpen = errors.New("without keys hotcell listens on loopback only")

func checkOpen(c config.Config, address net.Addr) error {
	tcp, ok := address.(*net.TCPAddr)
	if c.Keys != "" || c.OpenToAll || ok && tcp.IP.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %v: %w", address, ErrOpen)
}

// Addr is where clients are served, with the port that port 0 became.
func (s *Service) Addr() net.Addr { return s.listeners[0].Addr() }

// AdminAddr is where the admin listener is; nil without one.
func (s *Service) AdminAddr() net.Addr {
	if len(s.listeners) < 2 {
		return nil
	}
	return s.listeners[1].Addr()
}
