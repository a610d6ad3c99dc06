package faults_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// Clients that connect and send nothing take neither the descriptors that cells need,
// nor the connections of other clients.
func TestSilentConnectionsDoNotTakeTheDescriptors(t *testing.T) {
	fault{
		name: "1,200 silent connections, ulimit -n 1024", before: []string{"sh", "-c", `ulimit -n 1024; exec "$@"`, "sh"},
		inject: func(t *testing.T, p *program, l *load) time.Time {
			var silent []net.Conn
			defer func() {
				for _, conn := range silent {
					_ = conn.Close()
				}
			}()
			for range 1200 {
				conn, err := net.Dial("tcp", p.address)
				if err != nil {
					t.Fatal(err)
				}
				silent = append(silent, conn)
			}
			taken := time.Now()
			before := l.soFar().requests
			p.eventually("the load goes on beside them", func() bool { return l.soFar().requests >= before+30 })
			figures := p.figures()
			if figures[generation] != 1 || figures["hotcell_accept_errors_total"] != 0 {
				t.Errorf("generation %v, %v errors of accept", figures[generation], figures["hotcell_accept_errors_total"])
			}
			if open, most := figures[`hotcell_connections{state="idle"}`], figures["hotcell_connections_limit"]; open == 0 || open > most || most > 600 {
				t.Errorf("%v idle connections of %v", open, most)
			}
			return taken
		},
	}.run(t)
}

// Clients that close their sending side and wait get their answers.
func TestHalfClosedClientsGetTheirAnswers(t *testing.T) {
	fault{
		name: "24 half-closed clients, 8 that then leave", flags: []string{"--max-running", "64"},
		inject: func(t *testing.T, p *program, l *load) time.Time {
			began := time.Now()
			var all sync.WaitGroup
			behave := func(k kind, stay bool) {
				all.Go(func() {
					conn, err := net.Dial("tcp", p.address)
					if err != nil {
						t.Error(err)
						return
					}
					defer conn.Close()
					token := newToken()
					_, err = conn.Write(request(k.body(token), token))
					if err == nil {
						err = conn.(*net.TCPConn).CloseWrite()
					}
					if err == nil && stay {
						err = mustAnswer(conn, l, k, token)
					}
					if !stay {
						time.Sleep(500 * time.Millisecond)
					}
					if err != nil {
						t.Error(err)
					}
				})
			}
			for range 24 {
				behave(kinds[0], true)
			}
			for range 8 {
				behave(kind{script: "import time\ndef main(token): time.sleep(50)", limits: map[string]int64{"wall_ms": 60_000}}, false)
			}
			all.Wait()
			p.eventually("what ran for those who left has ended", func() bool { return p.figures()["hotcell_running"] <= workers })
			return began
		},
	}.run(t)
}

var completeLine = regexp.MustCompile(`msg=request .*path=/execute http=200 .*bytes_out=(\d+) complete=(true|false)`)

// On SIGTERM, clients that are reading long answers get all of them within the grace
// period, and the service ends soon after.
func TestSlowReadersGetTheirAnswersThroughADrain(t *testing.T) {
	p := start(t, nil, newState(t), testkit.OwnAddress(), "--drain-grace", "30s", "--max-running", "16")
	const size, readers = 6 << 20, 4
	k := kind{
		script: fmt.Sprintf("def main(token): return token + 'x' * %d", size),
		limits: map[string]int64{"result_bytes": 8 << 20},
		is:     func(a answer, token string) bool { return a.gave(token + strings.Repeat("x", size)) },
	}
	l := newLoad(p.url, allowed{})
	var begun, all sync.WaitGroup
	begun.Add(readers)
	for range readers {
		all.Go(func() {
			conn, err := net.Dial("tcp", p.address)
			if err != nil {
				t.Error(err)
				begun.Done()
				return
			}
			defer conn.Close()
			_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
			token := newToken()
			_, err = conn.Write(request(k.body(token), token))
			reader := bufio.NewReaderSize(&slowly{conn, 0}, 32<<10)
			if err == nil {
				_, err = reader.Peek(1)
			}
			begun.Done()
			if err == nil {
				err = mustAnswerTo(reader, l, k, token)
			}
			if err != nil {
				t.Error(err)
				l.note(func(t *tally) { t.lost++ }, "%v", err)
				return
			}
			l.note(func(t *tally) { t.answered++ }, "")
		})
	}
	begun.Wait()
	told := time.Now()
	p.mustEndCleanly()
	took := time.Since(told)
	all.Wait()
	if took < 2*time.Second {
		t.Errorf("it ended after %v, before they had read", took)
	}
	lines := completeLine.FindAllStringSubmatch(p.Log.String(), -1)
	if len(lines) != readers {
		t.Errorf("%d answers are logged", len(lines))
	}
	for _, line := range lines {
		if line[2] != "true" || len(line[1]) != 7 {
			t.Errorf("logged: %s", line[0])
		}
	}
	l.report(t, "4 slow readers through SIGTERM (ended after)", took)
}

// slowly reads 1.5 MB per second.
type slowly struct {
	io.Reader
	got int
}

func (s *slowly) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p[:min(len(p), 16<<10)])
	if s.got += n; s.got > 16<<10 {
		time.Sleep(10 * time.Millisecond)
	}
	return n, err
}

// Clients with kept-alive connections never meet a closed socket while the service
// ends: each request gets its answer, or a refusal that announces the end of the
// connection. After that nothing listens.
func TestKeptAliveClientsAreToldOfTheEnd(t *testing.T) {
	p := start(t, nil, newState(t), testkit.OwnAddress())
	const clients = 24
	l := newLoad(p.url, allowed{refusals: []string{"draining"}})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			if err := l.keepsAlive(p.address, time.Duration(i)*5*time.Millisecond); err != nil {
				t.Errorf("client %d: %v", i, err)
				l.note(func(t *tally) { t.lost++ }, "%v", err)
			}
		})
	}
	p.eventually("all clients are served", func() bool { return l.soFar().answered >= 3*clients })
	told := time.Now()
	p.mustEndCleanly()
	took := time.Since(told)
	all.Wait()
	if refused := l.soFar().refused; refused != clients {
		t.Errorf("%d of %d clients were told", refused, clients)
	}
	l.report(t, "24 kept-alive clients through SIGTERM (ended after)", took)
}

// keepsAlive sends requests on one connection, with pauses, until an answer says that
// the service ends.
func (l *load) keepsAlive(address string, pause time.Duration) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	reader := bufio.NewReader(conn)
	for {
		token := newToken()
		if _, err := conn.Write(request(kinds[0].body(token), token)); err != nil {
			return err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		var a answer
		if err := json.Unmarshal(body, &a); err != nil {
			return err
		}
		change, err := l.judge(kinds[0], token, response, body, a)
		if err != nil {
			return fmt.Errorf("%w: HTTP %d: %.300s", err, response.StatusCode, body)
		}
		l.note(change, "")
		if a.Code == "draining" {
			if !response.Close {
				return errors.New("the refusal does not say that the connection ends")
			}
			if n, err := reader.Read(make([]byte, 1)); n > 0 || err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
				return fmt.Errorf("after the last answer: %d bytes, %w", n, err)
			}
			return nil
		}
		if response.Close { // of an answer that came while the service was shutting down
			l.note(func(t *tally) { t.refused++ }, "")
			return nil
		}
		time.Sleep(pause)
	}
}
