package conns_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// A client that reads its answer slowly gets all of it, however long it takes.
func TestASlowReaderIsNotCut(t *testing.T) {
	const patience = 3 * time.Second
	_, address := serve(t, conns.Config{Patience: patience}, func(w http.ResponseWriter, _ *http.Request) {
		if _, err := io.WriteString(w, long); err != nil {
			t.Error(err)
		}
	})
	conn := dial(t, address)
	_ = conn.SetReadBuffer(64 << 10)
	began := time.Now()
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	got, buffer := 0, make([]byte, 128<<10)
	for {
		n, err := conn.Read(buffer)
		got += n
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		time.Sleep(120 * time.Millisecond)
	}
	if took := time.Since(began); got < len(long) || took < 2*patience {
		t.Errorf("%d bytes in %v", got, took)
	}
}

func TestAReaderThatStopsIsCut(t *testing.T) {
	failed := make(chan error, 1)
	_, address := serve(t, conns.Config{Patience: 100 * time.Millisecond}, func(w http.ResponseWriter, _ *http.Request) {
		_, err := io.WriteString(w, long+long)
		failed <- err
	})
	conn := dial(t, address)
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	select {
	case err := <-failed:
		if err == nil {
			t.Error("nobody noticed")
		}
	case <-time.After(testkit.Patience):
		t.Error("it is waited for")
	}
}

// A body may arrive slowly, but not just a byte now and then.
func TestABodyMayBeSlowWithinReason(t *testing.T) {
	for _, c := range []struct {
		name    string
		minRate int
		arrives bool
	}{{"steady", 10, true}, {"a byte now and then", 100_000, false}} {
		t.Run(c.name, func(t *testing.T) {
			_, address := serve(t, conns.Config{Patience: 2 * time.Second, MinRate: c.minRate}, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				fmt.Fprint(w, len(body), err == nil)
			})
			conn := dial(t, address)
			send(t, conn, strings.TrimSuffix(post(strings.Repeat("x", 400)), strings.Repeat("x", 400)))
			go func() {
				for range 40 {
					time.Sleep(75 * time.Millisecond)
					_, _ = io.WriteString(conn, "xxxxxxxxxx")
				}
			}()
			status, body, _, err := answer(bufio.NewReader(conn))
			if arrived := body == "400 true"; arrived != c.arrives || status != 200 {
				t.Errorf("%d %q %v", status, body, err)
			}
		})
	}
}

func TestABodyThatStopsIsCut(t *testing.T) {
	cut := make(chan error, 1)
	_, address := serve(t, conns.Config{Patience: 50 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		cut <- err
	})
	send(t, dial(t, address), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nx")
	select {
	case err := <-cut:
		if err == nil {
			t.Error("half a body was taken for a whole one")
		}
	case <-time.After(testkit.Patience):
		t.Error("the body is waited for")
	}
}

// Clients that send their whole request before they read get the answer, even if it
// is a refusal.
func TestARefusalIsReadWhileTheBodyComes(t *testing.T) {
	for _, c := range []struct {
		name, head string
		size       int
		closed     bool
	}{
		{"short", "Content-Length: 1000\r\n", 1000, false},
		{"long", fmt.Sprintf("Content-Length: %d\r\n", 32<<20), 32 << 20, true},
		{"long, and the last", fmt.Sprintf("Connection: close\r\nContent-Length: %d\r\n", 32<<20), 32 << 20, true},
		{"chunked", "Transfer-Encoding: chunked\r\n", 16 << 20, true},
		{"longer than it says it read", fmt.Sprintf("Content-Length: %d\r\n", 300<<10), 300 << 10, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, address := serve(t, conns.Config{}, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusRequestEntityTooLarge) })
			conn := dial(t, address)
			send(t, conn, "POST / HTTP/1.1\r\nHost: h\r\n"+c.head+"\r\n")
			for sent := 0; sent < c.size; sent += 1000 {
				piece := strings.Repeat("x", min(1000, c.size-sent))
				if c.name == "chunked" {
					piece = fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece)
				}
				send(t, conn, piece) // fails with EPIPE once the connection is closed
			}
			status, _, header, err := answer(bufio.NewReader(conn))
			if status != 413 || err != nil || (header.Get("Connection") == "close") != c.closed {
				t.Errorf("%d %v, %v", status, header, err)
			}
			_ = conn.Close()
			eventually(t, "the connection is closed", func() bool { return l.Counts().Open == 0 })
		})
	}
}

// Data that arrives after the request must not destroy the answer when the connection
// is closed.
func TestACloseDoesNotTakeTheAnswerBack(t *testing.T) {
	_, address := serve(t, conns.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, long)
	})
	conn := dial(t, address)
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
	time.Sleep(100 * time.Millisecond) // by now the server has closed, with a request unread
	mustAnswer(t, conn, "200 "+long)
}

// A handler that wants no more of a body gets no more, however fast it arrives.
func TestAReadDeadlineOfAHandlerHolds(t *testing.T) {
	failed := make(chan error, 1)
	_, address := serve(t, conns.Config{}, func(w http.ResponseWriter, r *http.Request) {
		_, err := r.Body.Read(make([]byte, 1))
		err = errors.Join(err, http.NewResponseController(w).SetReadDeadline(time.Now()))
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		failed <- err
	})
	conn := dial(t, address)
	send(t, conn, fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", 1<<40))
	for range 1000 {
		if _, err := io.WriteString(conn, long); err != nil {
			break
		}
	}
	_ = conn.Close()
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
}

// An answer that is written piece by piece, such as a file, is held to the same rate.
func TestASlowReaderOfPiecesIsCut(t *testing.T) {
	failed := make(chan error, 1)
	_, address := serve(t, conns.Config{Patience: 100 * time.Millisecond, MinRate: 100 << 20}, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for piece := make([]byte, 256<<10); err == nil; {
			_, err = w.Write(piece)
		}
		failed <- err
	})
	conn := dial(t, address)
	_ = conn.SetReadBuffer(4 << 10)
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	for buffer := make([]byte, 100); ; {
		select {
		case <-failed:
			return
		case <-time.After(10 * time.Millisecond):
		}
		if _, err := conn.Read(buffer); err != nil {
			<-failed
			return
		}
	}
}
