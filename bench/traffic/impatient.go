package traffic

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Impatient stands for clients that hang up when they have waited long enough. It
// writes to connections itself: at twenty times what a service can answer, net/http's
// client would take more of the machine than the service does.
type Impatient struct {
	address string
	request []byte // as it is sent
	right   []byte // what the body of a right answer contains
	patient time.Duration

	mu   sync.Mutex
	idle []*connection
}

type connection struct {
	net.Conn
	read *bufio.Reader
}

// NewImpatient returns clients of the service at an address. They wait for an answer
// for the given time.
func NewImpatient(address string, request Request, patient time.Duration) *Impatient {
	var text bytes.Buffer
	post, err := http.NewRequest(http.MethodPost, "http://"+address+"/execute", bytes.NewReader(request.Body))
	if err == nil {
		post.Header.Set("Content-Type", "application/json")
		err = post.Write(&text)
	}
	if err != nil {
		panic(err) // the address is that of a listener
	}
	return &Impatient{address: address, request: text.Bytes(), right: []byte(`"result":` + request.Result), patient: patient}
}

// Close closes idle connections.
func (c *Impatient) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.idle {
		_ = conn.Close()
	}
	c.idle = nil
}

// take returns an open connection, or a new one.
func (c *Impatient) take(deadline time.Time) (conn *connection, used bool, err error) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		conn = c.idle[n-1]
		c.idle = c.idle[:n-1]
	}
	c.mu.Unlock()
	if conn != nil {
		return conn, true, nil
	}
	dialed, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", c.address)
	if err != nil {
		return nil, false, err
	}
	return &connection{dialed, bufio.NewReader(dialed)}, false, nil
}

// Do sends one request. If the service has closed an idle connection meanwhile, Do
// takes another one, as net/http does.
func (c *Impatient) Do(context.Context) Sample {
	began := time.Now()
	for {
		conn, used, err := c.take(began.Add(c.patient))
		var status int
		var body []byte
		var more bool
		if err == nil {
			status, body, more, err = c.exchange(conn, began.Add(c.patient))
			if err == nil && more {
				c.mu.Lock()
				c.idle = append(c.idle, conn)
				c.mu.Unlock()
			} else {
				_ = conn.Close()
			}
		}
		sample := Sample{Latency: time.Since(began)}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			sample.Outcome = "gave up"
		case err != nil && used && sample.Latency < c.patient:
			continue
		case err != nil:
			sample.Outcome = "lost"
		case status == http.StatusOK && bytes.Contains(body, c.right):
			sample.Outcome, sample.Right = OK, true
		case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
			sample.Outcome = "refused"
		default:
			sample.Outcome, sample.Err = fmt.Sprintf("HTTP %d", status), fmt.Errorf("HTTP %d: %.300s", status, body)
		}
		return sample
	}
}

func (c *Impatient) exchange(conn *connection, deadline time.Time) (status int, body []byte, more bool, err error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return 0, nil, false, err
	}
	if _, err := conn.Write(c.request); err != nil {
		return 0, nil, false, err
	}
	response, err := http.ReadResponse(conn.read, nil)
	if err != nil {
		return 0, nil, false, err
	}
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, !response.Close, errors.Join(err, response.Body.Close())
}
