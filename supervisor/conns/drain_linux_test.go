package conns_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/conns"
)

// Each of 24 clients with kept-alive connections gets an answer to each request,
// until one announces the end of the connection. No request meets a closed socket.
func TestADrainLosesNoRequest(t *testing.T) {
	l, address := serve(t, conns.Config{}, ok)
	var all sync.WaitGroup
	var answers atomic.Int64
	for i := range 24 {
		conn := dial(t, address)
		all.Go(func() {
			reader := bufio.NewReader(conn)
			for {
				if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
					t.Errorf("client %d: %v", i, err)
					return
				}
				status, _, header, err := answer(reader)
				if status != 200 || err != nil {
					t.Errorf("client %d: %d, %v", i, status, err)
					return
				}
				answers.Add(1)
				if header.Get("Connection") == "close" {
					return
				}
				time.Sleep(time.Duration(i) * time.Millisecond)
			}
		})
	}
	eventually(t, "all clients are served", func() bool { return answers.Load() > 100 })
	l.Draining()
	l.Finish(t.Context(), time.Now().Add(5*time.Second))
	all.Wait()
	if open := l.Counts().Open; open > 0 {
		t.Errorf("%d connections are left", open)
	}
}

// A client that reads a long answer slowly gets all of it, and Finish waits.
func TestADrainWaitsForTheLastByte(t *testing.T) {
	began := make(chan struct{})
	l, address := serve(t, conns.Config{}, func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		_, _ = io.WriteString(w, long)
	})
	conn := dial(t, address)
	_ = conn.SetReadBuffer(64 << 10)
	send(t, conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	mustCome(t, "the answer begins", began)
	finished := make(chan struct{})
	l.Draining()
	go func() { l.Finish(t.Context(), time.Now()); close(finished) }()
	select {
	case <-finished:
		t.Error("it did not wait")
	case <-time.After(100 * time.Millisecond):
	}
	mustAnswer(t, conn, "200 "+long)
	mustCome(t, "Finish returns", finished)
}

// Idle connections have a limited time, and Finish does not wait longer than it may.
func TestADrainEnds(t *testing.T) {
	handler := newRuns()
	l, address := serve(t, conns.Config{}, handler.serve)
	idle := dial(t, address)
	send(t, dial(t, address), post("x"))
	mustCome(t, "the handler runs", handler.began)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	l.Draining()
	l.Finish(ctx, time.Now().Add(time.Hour))
	if counts := l.Counts(); counts.Active != 1 {
		t.Errorf("%+v", counts)
	}
	handler.goOn <- struct{}{}
	l.Finish(t.Context(), time.Now())
	if _, err := fmt.Fscan(idle, new(string)); err != io.EOF {
		t.Errorf("the idle connection: %v", err)
	}
}
