package e2b

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/internal/panics"
)

// keepaliveEvery is how often a stream says that it lives: as often as E2B's does.
const keepaliveEvery = 5 * time.Second

const maxEnv = 64 << 10 // bytes

type event map[string]any

func (s *server) execute(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	var wanted struct {
		Code      string
		ContextID string            `json:"context_id"`
		Language  string            `json:"language"`
		Env       map[string]string `json:"env_vars"`
	}
	box, err := s.here(r, c)
	if err == nil {
		err = c.JSON(&wanted)
	}
	if err == nil {
		err = python(wanted.Language)
	}
	if err != nil {
		return err
	}
	if size := sizeOf(wanted.Env); size > maxEnv {
		return compat.Refuse(client.CodeInvalidRequest, "env_vars: has %d bytes; the maximum is %d", size, maxEnv)
	}
	x, err := box.context(wanted.ContextID)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(r.Context())
	defer end(nil)
	told := newLines(w, end)
	defer told.close()
	done, err := x.take(ctx)
	if err != nil {
		return err
	}
	defer done()
	err = box.run(ctx, c, x, client.Request{Script: wanted.Code, Mode: "cell", Env: wanted.Env}, told)
	if why := context.Cause(ctx); panics.Is(why) {
		return why
	}
	return err
}

// run runs code in a context, and tells what comes of it. Its error ends the connection:
// from that the SDK sees that the sandbox was killed.
func (b *sandbox) run(ctx context.Context, c *compat.Caller, x *codeContext, request client.Request, told *lines) error {
	session, err := c.Client().Session(x.id)
	if err != nil {
		return err
	}
	request.Limits = &client.Limits{WallMS: c.Limits().Max.WallMS, CPUMS: c.Limits().Max.CPUMS}
	x.unset(ctx, session, b.env)
	x.stray = slices.Collect(maps.Keys(request.Env))
	x.runs++
	told.line(event{"type": "number_of_executions", "execution_count": x.runs})
	stream, err := session.Stream(ctx, request)
	if p := new(client.Problem); errors.As(err, &p) && !over(err) { // no place, for example
		told.line(event{"type": "error", "name": string(p.Code), "value": p.Detail, "traceback": ""})
		told.line(event{"type": "end_of_execution"})
		return nil
	}
	if err != nil {
		return err
	}
	defer stream.Close()
	var last *client.Output // the main result waits for the data that belong to it
	for e := range stream.Events() {
		switch {
		case e.Shown == nil:
			told.print(map[bool]string{false: "stdout", true: "stderr"}[e.Stderr], e.Text)
		case e.Shown.Kind == "result":
			last = e.Shown
		default:
			told.line(result(e.Shown, nil))
		}
	}
	answer, err := stream.Answer()
	if err != nil {
		return err
	}
	if last != nil {
		told.line(result(last, answer.Result))
	}
	if failed := failure(answer, request.Limits.WallMS); failed != nil {
		if err := b.revive(ctx, c, x, session, failed); err != nil {
			return err
		}
		told.line(failed)
	}
	told.line(event{"type": "end_of_execution"})
	return nil
}

// revive makes a context's session anew if code has ended it, as a notebook's kernel
// starts again.
func (b *sandbox) revive(ctx context.Context, c *compat.Caller, x *codeContext, session *client.Session, failed event) error {
	_, err := session.State(ctx)
	if !over(err) {
		return err
	}
	if b.isDead() {
		return gone()
	}
	x.runs, x.stray = 0, nil
	failed["value"] = fmt.Sprint(failed["value"], ". Context was restarted: its names and files are gone")
	return b.open(ctx, c, x)
}

// failure is the event for code that did not run to its end, or nil.
func failure(a *client.Answer, wallMS int64) event {
	name, value, traceback := "", "", ""
	if a.Error != nil {
		name, value, traceback = lastPart(a.Error.Type), a.Error.Message, a.Error.Traceback
	}
	limit := ""
	if a.Limit != nil {
		limit = *a.Limit
	}
	switch a.Status {
	case client.StatusOK:
		return nil
	case client.StatusTimeout:
		name, value = "TimeoutError", fmt.Sprintf("Execution took longer than the server allows (%s limit, %v)", limit, time.Duration(wallMS)*time.Millisecond)
	case client.StatusMemoryLimit, client.StatusOutputLimit:
		name, value = map[client.Status]string{client.StatusMemoryLimit: "MemoryError", client.StatusOutputLimit: "OutputLimitExceeded"}[a.Status], "Execution went over the limit: "+limit
	case client.StatusExited:
		name, value = "SystemExit", "0"
		if a.ExitCode != nil {
			value = strconv.Itoa(*a.ExitCode)
		}
	case client.StatusKilled:
		name, value = "ExecutionError", "Execution was killed"
		if a.Signal != nil {
			value += " by " + *a.Signal
		}
	}
	return event{"type": "error", "name": name, "value": value, "traceback": traceback}
}

// lines writes events, one a line, and keepalives while there are none.
type lines struct {
	w    http.ResponseWriter
	stop context.CancelFunc
	over sync.WaitGroup

	mu      sync.Mutex // guards w and the fields below
	kind    string     // stdout or stderr
	printed string     // an unfinished line that was printed
	since   time.Time  // when it was begun
}

const (
	// A line that was printed in pieces is told as one, as by E2B, unless the rest of it
	// takes longer than restWithin.
	restWithin = 200 * time.Millisecond
	longLine   = 64 << 10 // bytes
)

// newLines begins a stream. end is told if its keepalives fail.
func newLines(w http.ResponseWriter, end func(err error)) *lines {
	ctx, stop := context.WithCancel(context.Background())
	l := &lines{w: w, stop: stop}
	l.over.Go(func() {
		defer panics.Caught(end)
		keepalives, rests := time.NewTicker(keepaliveEvery), time.NewTicker(restWithin)
		defer keepalives.Stop()
		defer rests.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-keepalives.C:
				l.line(event{"type": "keepalive"})
			case <-rests.C:
				l.rest()
			}
		}
	})
	return l
}

// print tells what was printed, by lines.
func (l *lines) print(kind, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if kind != l.kind {
		l.flush()
	}
	if l.printed == "" {
		l.since = time.Now()
	}
	l.kind, l.printed = kind, l.printed+text
	if strings.HasSuffix(text, "\n") || len(l.printed) > longLine {
		l.flush()
	}
}

// rest tells what was printed of a line that is not at its end.
func (l *lines) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.since) >= restWithin {
		l.flush()
	}
}

// line tells an event.
func (l *lines) line(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	l.tell(e)
}

// flush tells an unfinished line. mu must be held.
func (l *lines) flush() {
	if l.printed != "" {
		l.tell(event{"type": l.kind, "text": l.printed, "timestamp": time.Now().UnixNano()})
		l.printed = ""
	}
}

// tell writes an event. A client that is gone ends the request's context. mu must be held.
func (l *lines) tell(e event) {
	text, err := compat.Encode(e)
	if err != nil {
		text = []byte(`{"type":"error","name":"EncodingError","value":"the output is no JSON","traceback":""}`)
	}
	l.w.Header().Set("Content-Type", "application/x-ndjson")
	_, err = l.w.Write(append(ascii(text), '\n'))
	_ = errors.Join(err, http.NewResponseController(l.w).Flush())
}

// close ends the keepalives.
func (l *lines) close() { l.stop(); l.over.Wait() }

// ascii escapes what is not ASCII. Clients split lines where Unicode does: a script that
// prints U+0085 would write lines of its own into the stream.
func ascii(text []byte) []byte {
	var out bytes.Buffer
	for len(text) > 0 {
		char, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case char < utf8.RuneSelf:
			out.WriteRune(char)
		case char > 0xFFFF:
			high, low := utf16.EncodeRune(char)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, char)
		}
	}
	return out.Bytes()
}
