package faults_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// slowClient behaves badly on a connection of its own, until release is closed.
type slowClient func(conn net.Conn, l *load, release <-chan struct{}) error

// A hundred clients at once are slow, hang, or hang up. The good clients beside them
// are not refused, and get their answers.
func TestClientsMayBeSlow(t *testing.T) {
	fault{
		name: "100 slow, hanging and vanishing clients", flags: []string{"--max-running", "64"},
		inject: func(t *testing.T, p *program, l *load) time.Time {
			release := make(chan struct{})
			var all sync.WaitGroup
			for _, kind := range []struct {
				name   string
				count  int
				behave slowClient
			}{
				{"byte by byte", 24, byteByByte},
				{"half a head", 24, halfHead},
				{"half a body", 24, halfBody},
				{"hang-up while it runs", 24, hangUp},
				{"answer not read", 4, unread},
			} {
				for range kind.count {
					all.Go(func() {
						conn, err := net.Dial("tcp", p.address)
						if err == nil {
							err = kind.behave(conn, l, release)
							_ = conn.Close()
						}
						if err != nil {
							t.Errorf("%s: %v", kind.name, err)
						}
					})
				}
			}
			before := l.soFar().requests
			p.eventually("the load goes on beside them", func() bool { return l.soFar().requests >= before+30 })
			close(release)
			all.Wait()
			return time.Now()
		},
	}.run(t)
}

// request returns a whole request as it is sent on the wire.
func request(body []byte, token string) []byte {
	head := fmt.Sprintf("POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n", token, len(body))
	return append([]byte(head), body...)
}

func newToken() string { return fmt.Sprintf("token-%d-", tokens.Add(1)) }

// byteByByte sends slowly, and gets its answer.
func byteByByte(conn net.Conn, l *load, _ <-chan struct{}) error {
	token := newToken()
	for _, one := range request(kinds[0].body(token), token) {
		if _, err := conn.Write([]byte{one}); err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
	return mustAnswer(conn, l, kinds[0], token)
}

// halfHead holds a connection on which no request ever arrives.
func halfHead(conn net.Conn, _ *load, release <-chan struct{}) error {
	_, err := io.WriteString(conn, "POST /execute HTTP/1.1\r\nHost: ho")
	<-release
	return err
}

// halfBody announces more than it sends.
func halfBody(conn net.Conn, _ *load, release <-chan struct{}) error {
	token := newToken()
	whole := request(kinds[0].body(token), token)
	_, err := conn.Write(whole[:len(whole)-20])
	<-release
	return err
}

// hangUp does not wait for a long script, whose cell then ends.
func hangUp(conn net.Conn, _ *load, _ <-chan struct{}) error {
	token := newToken()
	k := kind{script: "import time\ndef main(token): time.sleep(50)", limits: map[string]int64{"wall_ms": 60_000}}
	_, err := conn.Write(request(k.body(token), token))
	time.Sleep(500 * time.Millisecond)
	return err
}

// unread lets its answer wait, which is larger than the buffers between the two
// sockets. When it reads at last, the answer is complete, and its own.
func unread(conn net.Conn, l *load, release <-chan struct{}) error {
	const size = 6 << 20
	k := kind{
		script: fmt.Sprintf("def main(token): return token + 'x' * %d", size),
		limits: map[string]int64{"result_bytes": 8 << 20},
		is:     func(a answer, token string) bool { return a.gave(token + strings.Repeat("x", size)) },
	}
	token := newToken()
	if _, err := conn.Write(request(k.body(token), token)); err != nil {
		return err
	}
	<-release
	return mustAnswer(conn, l, k, token)
}

func mustAnswer(conn net.Conn, l *load, k kind, token string) error {
	_ = conn.SetReadDeadline(time.Now().Add(deadline))
	return mustAnswerTo(bufio.NewReader(conn), l, k, token)
}

// mustAnswerTo reads the answer, and interim answers before it.
func mustAnswerTo(reader *bufio.Reader, l *load, k kind, token string) error {
	response, err := http.ReadResponse(reader, nil)
	for err == nil && response.StatusCode < 200 {
		response, err = http.ReadResponse(reader, nil)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	if _, err := l.judge(k, token, response, body, a); err != nil {
		return fmt.Errorf("%w: HTTP %d: %.300s", err, response.StatusCode, body)
	}
	return nil
}
