package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// target is the server that is attacked.
type target struct {
	url    string // of execute
	key    string // empty: none
	client *http.Client

	slowness int
}

const (
	longestAnswer = 256 << 20
)

// newTarget refuses an address that is not on loopback. A name but localhost is
// refused too: it could be another address the next time.
func newTarget(address, key string, client *http.Client) (*target, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	host := parsed.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%q: %w", address, errNotLoopback)
	}
	if parsed.Scheme != "http" {
		return nil, fmt.Errorf("%q is no http:// address", address)
	}
	if client == nil {
		client = &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, DialContext: dialLoopback},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &target{strings.TrimSuffix(address, "/") + "/execute", key, client, 1}, nil
}

// dialLoopback looks at the address once more, after names were looked up.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(errNotLoopback, conn.Close())
	}
	return conn, nil
}

// send makes one request of a part.
func (t *target) send(ctx context.Context, p *Part, listener string) (*answer, error) {
	p = p.slower(t.slowness)
	body, err := p.body(listener, t.slowness)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	got, err := t.execute(ctx, body)
	took := time.Since(began)
	wall, bounded := p.limits["wall_ms"]
	switch {
	case err != nil:
		return nil, fmt.Errorf("after %v: %w", took.Round(time.Millisecond), err)
	case p.within > 0 && took > time.Duration(p.within)*time.Millisecond:
		return nil, fmt.Errorf("the answer took %v, and may take %d ms (%s)", took.Round(time.Millisecond), p.within, got.summary())
	case bounded && took > time.Duration(wall)*time.Millisecond+t.slow(slack):
		return nil, fmt.Errorf("the answer took %v, with a wall clock limit of %d ms (%s)", took.Round(time.Millisecond), wall, got.summary())
	}
	return got, nil
}

func (t *target) slow(d time.Duration) time.Duration { return d * time.Duration(t.slowness) }

// do sends a request, with the key.
func (t *target) do(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	if t.key != "" {
		request.Header.Set("Authorization", "Bearer "+t.key)
	}
	return t.client.Do(request)
}

// execute posts a body, and again while the server says that it is too often.
func (t *target) execute(ctx context.Context, body []byte) (*answer, error) {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		response, err := t.do(request)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
		_ = response.Body.Close()
		if err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusTooManyRequests {
			return read(response, text)
		}
		pause(ctx, time.Second)
	}
}

// uids is what the server says of its cells' uids; empty when it says nothing.
func (t *target) uids(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, t.slow(canaryWithin))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(t.url, "/execute")+"/info", nil)
	if err != nil {
		return ""
	}
	response, err := t.do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var info struct {
		UIDs string `json:"uids"`
	}
	if response.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&info) != nil {
		return ""
	}
	return info.UIDs
}

var statuses = []string{"ok", "exception", "not_json", "timeout", "memory_limit", "output_limit", "exited", "killed"}

// read takes an answer or a problem, as the contract has them.
func read(response *http.Response, text []byte) (*answer, error) {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		return nil, fmt.Errorf("HTTP %d of type %q with a body that is no answer: %w: %s", response.StatusCode, kind, err, quote(string(text)))
	}
	isAnswer := response.StatusCode == http.StatusOK && kind == "application/json" && got.Code == "" && slices.Contains(statuses, got.Status)
	isProblem := response.StatusCode >= 400 && kind == "application/problem+json" && got.Code != ""
	if !isAnswer && !isProblem || len(text) > longestAnswer {
		return nil, fmt.Errorf("HTTP %d of type %q is neither answer nor problem: %s", response.StatusCode, kind, quote(string(text)))
	}
	if isProblem { // its status is HTTP's
		return &answer{Code: got.Code, Stdout: got.Stdout, Stderr: got.Stderr, Error: got.Error}, nil
	}
	return &got, nil
}

// UnmarshalJSON takes a problem's status, which is a number, for none.
func (a *answer) UnmarshalJSON(text []byte) error {
	type plain answer
	var mixed struct {
		plain
		Status any `json:"status"`
	}
	if err := json.Unmarshal(text, &mixed); err != nil {
		return err
	}
	*a = answer(mixed.plain)
	a.Status, _ = mixed.Status.(string)
	return nil
}

// canary sends a plain request, which must be answered at once and correctly.
func (t *target) canary(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, t.slow(canaryWithin), errors.New("a plain request was not answered"))
	defer cancel()
	began := time.Now()
	n := began.UnixNano()
	body := fmt.Sprintf(`{"script": "import sys\ndef main(n):\n    print('plain')\n    print('plain too', file=sys.stderr)\n    return [n, n %% 97]", "args": [%d]}`, n)
	got, err := t.execute(ctx, []byte(body))
	if err != nil {
		return fmt.Errorf("a plain request failed after %v: %w", time.Since(began).Round(time.Millisecond), err)
	}
	if want := fmt.Sprintf("[%d,%d]", n, n%97); got.Status != "ok" || string(got.Result) != want || got.Stdout != "plain\n" || got.Stderr != "plain too\n" {
		return fmt.Errorf("a plain request was answered wrongly: %s", got.summary())
	}
	return nil
}
