package webhooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hotcell/hotcell/webhooks"
)

var message = webhooks.Message("job.done", time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), []byte(`{"id":"J1"}`))

// due returns a delivery, which must be allowed.
func due(t *testing.T, sender *webhooks.Sender, url string) webhooks.Delivery {
	t.Helper()
	secret, err := sender.Check("reports", url, "ci")
	if err != nil {
		t.Fatal(err)
	}
	return webhooks.New("msg_1", "reports", url, secret, time.Now())
}

// receive serves handler, and returns its address.
func receive(t *testing.T, handler http.HandlerFunc) (url, address string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, server.Listener.Addr().String()
}

// raw answers each connection, once it has sent something, by talk.
func raw(t *testing.T, talk func(conn net.Conn)) (url, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := conn.Read(make([]byte, 1<<16)); err == nil {
					talk(conn)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), listener.Addr().String()
}

// flood sends the same text until nobody takes it.
func flood(conn net.Conn, head, text string) {
	_, err := io.WriteString(conn, head)
	for err == nil {
		_, err = io.WriteString(conn, text)
	}
}

// untilHangUp returns when the other side has ended the connection.
func untilHangUp(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestAReceiverGetsWhatStandardWebhooksDescribes(t *testing.T) {
	type received struct {
		request *http.Request
		body    []byte
	}
	got := make(chan received, 1)
	url, address := receive(t, func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r, body}
	})
	sender := senderTo(t, address)
	sender.Secrets = anySecret{[]string{oneSecret, anotherSecret}} // while it is being replaced
	d, err := sender.Attempt(t.Context(), due(t, sender, url+"/hooks?a=b"), message)
	if err != nil || d.Outcome != webhooks.Delivered || d.Attempts != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	r := <-got
	if r.request.Method != http.MethodPost || r.request.URL.String() != "/hooks?a=b" || r.request.Header.Get("Content-Type") != "application/json" || string(r.body) != `{"type":"job.done","timestamp":"2026-11-27T09:00:00Z","data":{"id":"J1"}}` {
		t.Errorf("%s %s %v %s", r.request.Method, r.request.URL, r.request.Header, r.body)
	}
	for _, secret := range []string{oneSecret, anotherSecret} {
		verifier, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = verifier.Verify(r.body, r.request.Header)
		}
		if err != nil {
			t.Error(err)
		}
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		sum := hmac.New(sha256.New, key)
		fmt.Fprintf(sum, "msg_1.%s.%s", r.request.Header.Get("webhook-timestamp"), message)
		if want := "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil)); !strings.Contains(r.request.Header.Get("webhook-signature"), want) {
			t.Errorf("%q does not have %q", r.request.Header.Get("webhook-signature"), want)
		}
	}
}

func TestEachAnswerHasItsOutcome(t *testing.T) {
	var inside atomic.Int32 // requests that reached what no webhook may reach
	private, _ := receive(t, func(http.ResponseWriter, *http.Request) { inside.Add(1) })
	status := func(code int, header ...string) func(t *testing.T) (string, string) {
		return func(t *testing.T) (string, string) {
			return receive(t, func(w http.ResponseWriter, _ *http.Request) {
				if len(header) > 0 {
					w.Header().Set(header[0], header[1])
				}
				w.WriteHeader(code)
			})
		}
	}
	talk := func(talk func(net.Conn)) func(t *testing.T) (string, string) {
		return func(t *testing.T) (string, string) { return raw(t, talk) }
	}
	const ok = "HTTP/1.1 200 OK\r\n"
	soon := 300 * time.Millisecond // none of these receivers ever answers
	cases := []struct {
		name    string
		serve   func(t *testing.T) (url, address string)
		timeout time.Duration
		outcome webhooks.Outcome
		says    string // to the log
	}{
		{"another success", status(204), 0, webhooks.Delivered, ""},
		{"wants no more", status(410), 0, webhooks.Gone, "status 410"},
		{"an error", status(500), 0, "", "status 500"},
		{"a refusal", status(401), 0, "", "status 401"},
		{"a redirect", status(307, "Location", private), 0, "", "status 307"},
		{"a redirect for good", status(301, "Location", private), 0, "", "status 301"},
		{"nobody listens", func(t *testing.T) (string, string) {
			server := httptest.NewServer(nil)
			defer server.Close()
			return server.URL, server.Listener.Addr().String()
		}, 0, "", "connection refused"},
		{"hangs up", talk(func(net.Conn) {}), 0, "", "EOF"},
		{"is not HTTP", talk(func(c net.Conn) { _, _ = io.WriteString(c, "220 smtp.example.com\r\n") }), 0, "", "malformed HTTP"},
		{"is silent", talk(untilHangUp), soon, "", "deadline exceeded"},
		{"headers that never end", talk(func(c net.Conn) { _, _ = io.WriteString(c, ok+"A: "); untilHangUp(c) }), soon, "", "deadline exceeded"},
		{"headers without end", talk(func(c net.Conn) { flood(c, ok, "A: b\r\n") }), 0, "", "exceeded"},
		{"a header without end", talk(func(c net.Conn) { flood(c, ok+"A: ", strings.Repeat("a", 1000)) }), 0, "", "exceeded"},
		{"early hints without end", talk(func(c net.Conn) { flood(c, "", "HTTP/1.1 103 Early Hints\r\n\r\n") }), 0, "", "exceeded"},
		{"a body without end", talk(func(c net.Conn) { flood(c, ok+"\r\n", strings.Repeat("a", 1000)) }), 0, webhooks.Delivered, ""},
		{"compressed", talk(func(c net.Conn) { _, _ = io.WriteString(c, ok+"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab") }), 0, webhooks.Delivered, ""},
		{"another protocol", talk(func(c net.Conn) {
			flood(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "a")
		}), 0, "", "status 101"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url, address := c.serve(t)
			sender := senderTo(t, address)
			if c.timeout != 0 {
				sender.Timeout = c.timeout
			}
			before := due(t, sender, url)
			d, err := sender.Attempt(t.Context(), before, message)
			if d.Outcome != c.outcome || d.Attempts != 1 {
				t.Errorf("%+v", d)
			}
			if (err == nil) != (c.outcome == webhooks.Delivered) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("the log gets %v", err)
			}
			if c.outcome == "" && !d.Next.After(before.Next) {
				t.Errorf("next: %v, before: %v", d.Next, before.Next)
			}
		})
	}
	if n := inside.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestPausesGrowForADayAndReceiversAreNotAskedTogether(t *testing.T) {
	var asked atomic.Int32
	url, address := receive(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", "1") // less than the pause
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	sender := senderTo(t, address)
	d := due(t, sender, url)
	want, distinct := 5*time.Second, make(map[float64]bool)
	for !d.Over() {
		stored, err := json.Marshal(d) // a restart between any two attempts
		if err != nil || len(stored) > 1000 {
			t.Fatalf("%s, %v", stored, err)
		}
		d = webhooks.Delivery{}
		if err := json.Unmarshal(stored, &d); err != nil {
			t.Fatal(err)
		}
		before := time.Now()
		d, _ = sender.Attempt(t.Context(), d, message)
		if d.Over() {
			break
		}
		if d.Next.Before(before.Add(want*8/10)) || d.Next.After(time.Now().Add(want*12/10)) {
			t.Fatalf("attempt %d: the pause is %v, not about %v", d.Attempts, d.Next.Sub(before), want)
		}
		distinct[float64(d.Next.Sub(before))/float64(want)] = true
		d.Since = d.Since.Add(-d.Next.Sub(before)) // that much time has passed
		want = min(3*want, 4*time.Hour)
	}
	if d.Outcome != webhooks.GivenUp || d.Attempts != int(asked.Load()) || d.Attempts < 10 || d.Attempts > 15 || len(distinct) < 5 {
		t.Errorf("%+v, asked %d times, %d pauses", d, asked.Load(), len(distinct))
	}
}

func TestAReceiverIsLeftAloneAsLongAsItAsks(t *testing.T) {
	for asked, want := range map[string]time.Duration{
		"3600": time.Hour,
		time.Now().Add(2 * time.Hour).UTC().Format(http.TimeFormat): 2*time.Hour - time.Minute,
		"99999999999999999": 24*time.Hour - time.Minute, // the last attempt, when it would be given up
		"-5":                3 * time.Second,
		"tomorrow":          3 * time.Second,
	} {
		url, address := receive(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", asked)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		sender := senderTo(t, address)
		first := due(t, sender, url)
		d, _ := sender.Attempt(t.Context(), first, message)
		if pause := d.Next.Sub(first.Since); d.Over() || pause < want || pause > want+20*time.Minute {
			t.Errorf("Retry-After: %s: %v, %+v", asked, pause, d)
		}
	}
}

func TestAnAttemptThatIsInterruptedDoesNotCount(t *testing.T) {
	reached := make(chan struct{})
	url, address := raw(t, func(c net.Conn) { close(reached); untilHangUp(c) })
	sender := senderTo(t, address)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-reached; cancel() }()
	before := due(t, sender, url)
	if after, err := sender.Attempt(ctx, before, message); after != before || err == nil {
		t.Errorf("%+v, %v", after, err)
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	sender := senderTo(t, server.Listener.Addr().String())
	d, err := sender.Attempt(t.Context(), due(t, sender, server.URL), message)
	if err == nil || !strings.Contains(err.Error(), "certificate") || d.Over() {
		t.Errorf("%+v, %v", d, err)
	}
	sender.Roots = x509.NewCertPool()
	sender.Roots.AddCert(server.Certificate())
	if d, err := sender.Attempt(t.Context(), d, message); d.Outcome != webhooks.Delivered {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestWhatIsNoLongerAllowedIsNotTried(t *testing.T) {
	var asked atomic.Int32
	url, address := receive(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	d := due(t, senderTo(t, address), url)
	d, err := senderTo(t, "example.com").Attempt(t.Context(), d, message)
	if d.Over() || err == nil || !strings.Contains(err.Error(), "webhook_allow") || asked.Load() != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}
