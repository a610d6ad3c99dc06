package conns_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/conns"
)

const refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo many"

func ok(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") }

// Silent connections and kept-alive connections are closed to make room.
func TestSilentConnectionsMakeRoom(t *testing.T) {
	for name, cfg := range map[string]conns.Config{
		"in all":      {Most: 10, Refusal: []byte(refusal)},
		"per address": {Most: 1000, MostPerAddress: 10, Refusal: []byte(refusal)},
	} {
		t.Run(name, func(t *testing.T) {
			l, address := serve(t, cfg, ok)
			kept := dial(t, address)
			send(t, kept, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			mustAnswer(t, kept, "200 fine")
			eventually(t, "the connection is idle", func() bool { return l.Counts().Idle == 1 })
			for range 100 {
				dial(t, address)
			}
			conn := dial(t, address)
			send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			mustAnswer(t, conn, "200 fine")
			if counts := l.Counts(); counts.Open > 10 || counts.Evicted != 92 {
				t.Errorf("%+v", counts)
			}
			if _, err := kept.Read(make([]byte, 1)); err != io.EOF { // closed, not reset
				t.Error(err)
			}
		})
	}
}

// A client that keeps a connection alive, and has just used it, does not lose it to
// clients that say nothing.
func TestAConnectionInUseIsSparedWhileOthersAreSilent(t *testing.T) {
	l, address := serve(t, conns.Config{Most: 10, Refusal: []byte(refusal), Spare: time.Hour}, ok)
	kept := dial(t, address)
	for round := range 3 {
		send(t, kept, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		mustAnswer(t, kept, "200 fine")
		for range 20 {
			dial(t, address)
		}
		eventually(t, "all have been accepted", func() bool { return l.Counts().Accepted == uint64(20*round+21) })
	}
	if counts := l.Counts(); counts.Open > 10 || counts.Evicted != 51 {
		t.Errorf("%+v", counts)
	}
}

// Connections with a request are not closed for new ones, which are refused.
func TestBusyConnectionsStayAndOthersAreRefused(t *testing.T) {
	for name, cfg := range map[string]conns.Config{
		"in all":      {Most: 3, Refusal: []byte(refusal)},
		"per address": {Most: 1000, MostPerAddress: 3, Refusal: []byte(refusal)},
	} {
		t.Run(name, func(t *testing.T) {
			handler := newRuns()
			l, address := serve(t, cfg, handler.serve)
			var busy []net.Conn
			for range 3 {
				conn := dial(t, address)
				send(t, conn, post("x"))
				busy = append(busy, conn)
				mustCome(t, "the handler runs", handler.began)
			}
			conn := dial(t, address)
			send(t, conn, post(strings.Repeat("x", 20_000)))
			mustAnswer(t, conn, "503 too many")
			for range busy {
				handler.goOn <- struct{}{}
			}
			for _, conn := range busy {
				mustAnswer(t, conn, "200 answer to x")
				_ = conn.Close()
			}
			counts := l.Counts()
			if counts.RefusedAll+counts.RefusedParty != 1 || (counts.RefusedParty == 1) != (name == "per address") {
				t.Errorf("%+v", counts)
			}
			eventually(t, "the places are free", func() bool { return l.Counts().Open == 0 })
		})
	}
}

// An address that takes as many connections as it can leaves room for others.
func TestOneAddressDoesNotTakeAll(t *testing.T) {
	_, address := serve(t, conns.Config{Most: 10, MostPerAddress: 5}, ok)
	for range 50 {
		dial(t, address)
	}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	var others []net.Conn
	for range 5 {
		conn, err := dialer.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		others = append(others, conn)
	}
	for _, conn := range others { // none of them was closed
		send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		mustAnswer(t, conn, "200 fine")
	}
}

// failing is a listener whose accept fails several times with each error.
type failing struct {
	net.Listener
	mu     sync.Mutex
	errors []error
}

func (f *failing) Accept() (net.Conn, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.errors) > 0 {
		err := f.errors[0]
		f.errors = f.errors[1:]
		return nil, &net.OpError{Op: "accept", Err: err}
	}
	return f.Listener.Accept()
}

// No error of accept stops the service. These are all errors that accept4(2),
// epoll_ctl(2) and firewalls can cause.
func TestAcceptErrorsPass(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := []error{syscall.ECONNABORTED, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, syscall.ENOSPC, syscall.EPERM, syscall.EPROTO, syscall.ENETDOWN, errAny}
	var log bytes.Buffer
	l := conns.Listen(&failing{Listener: inner, errors: all}, conns.Config{Most: 10, Log: slog.New(slog.NewTextHandler(&log, nil))})
	server := &http.Server{Handler: http.HandlerFunc(ok), ReadHeaderTimeout: time.Second}
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(server) }()
	conn := dial(t, inner.Addr().String())
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	mustAnswer(t, conn, "200 fine")
	if counts := l.Counts(); counts.AcceptErrors != 10 {
		t.Errorf("%+v", counts)
	}
	_ = server.Close()
	<-ended
	if lines := strings.Count(log.String(), "\n"); lines != 2 || !strings.Contains(log.String(), "trying again") || !strings.Contains(log.String(), "accepting connections again") {
		t.Errorf("%s", &log)
	}
}

// The pause after an error does not delay the shutdown.
func TestAFailingListenerCanBeClosed(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &failing{Listener: inner}
	for range 1000 {
		f.errors = append(f.errors, syscall.EMFILE)
	}
	l := conns.Listen(f, conns.Config{Most: 10})
	ended := make(chan error, 1)
	go func() { _, err := l.Accept(); ended <- err }()
	eventually(t, "accept fails", func() bool { return l.Counts().AcceptErrors > 3 })
	_ = l.Close()
	select {
	case <-ended:
	case <-time.After(testkit.Patience):
		t.Error("it goes on")
	}
}

func TestPartiesAreAddressesAndNetworks(t *testing.T) {
	for _, c := range []struct{ address, party string }{
		{"192.0.2.1:80", "192.0.2.1"}, {"192.0.2.1", "192.0.2.1"}, {"[::ffff:192.0.2.1]:80", "192.0.2.1"},
		{"[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"}, {"2001:db8:1:2::9", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:80", "fe80::/64"}, {"within", "within"}, {"", ""},
	} {
		if got := conns.Party(c.address); got != c.party {
			t.Errorf("%s: %s, want %s", c.address, got, c.party)
		}
	}
}
