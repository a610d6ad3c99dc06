package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/internal/panics"
)

const (
	flushAfter = 20 * time.Millisecond // what is printed within it is one message
	mostText   = 64 << 10              // bytes, and one piece more
)

// failure is how a cell failed.
type failure struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
	Count     int      `json:"execution_count"`
}

func newFailure(name, value, traceback string) *failure {
	if traceback == "" {
		traceback = name + ": " + value
	}
	return &failure{Status: "error", Name: name, Value: value, Traceback: strings.Split(strings.TrimRight(traceback, "\n"), "\n")}
}

// execute runs a cell, and answers with what it shows as it shows it.
func (s *socket) execute(w waiting) {
	given := struct {
		Code        string
		Silent      bool
		StopOnError bool `json:"stop_on_error"`
	}{StopOnError: true}
	if err := json.Unmarshal(w.Content, &given); err != nil {
		s.send("shell", "execute_reply", newFailure("ValueError", err.Error(), ""), &w.Header)
		return
	}
	if s.aborting > 0 {
		s.send("shell", "execute_reply", map[string]string{"status": "aborted"}, &w.Header)
		return
	}
	count := s.count(w.caller)
	if given.Silent {
		s.uncounted++
	} else {
		s.send("iopub", "execute_input", map[string]any{"code": given.Code, "execution_count": count}, &w.Header)
	}
	var failed *failure
	if strings.TrimSpace(given.Code) != "" {
		failed = s.runCell(w, given.Code, given.Silent, count)
	}
	if failed == nil {
		s.send("shell", "execute_reply", map[string]any{
			"status": "ok", "execution_count": count, "payload": []any{}, "user_expressions": map[string]any{},
		}, &w.Header)
		return
	}
	failed.Count = count
	if given.StopOnError {
		s.aborting = len(s.line) + 1 // and this one
	}
	s.send("iopub", "error", failed, &w.Header)
	s.send("shell", "execute_reply", failed, &w.Header)
}

// count returns the number of the next cell: calls that were made for other reasons have
// none.
func (s *socket) count(c *compat.Caller) int {
	state, err := s.session(c).State(s.asks)
	if err != nil { // the call itself will say so
		return 1
	}
	if !state.CreatedAt.Equal(s.created) {
		s.created, s.uncounted = state.CreatedAt, 0
	}
	return max(state.Calls-s.uncounted, 0) + 1
}

// runCell runs a cell. It returns nil if all went well.
func (s *socket) runCell(w waiting, code string, silent bool, count int) *failure {
	session, err := w.caller.Session(s.id)
	if err != nil {
		return s.refused(w, err)
	}
	stream, err := session.Stream(s.asks, client.Request{Script: code, Mode: "cell"})
	if err != nil {
		return s.refused(w, err)
	}
	defer stream.Close()
	s.pass(w, stream, silent, count)
	if s.life.Err() != nil {
		return newFailure("KeyboardInterrupt", "", "") // nobody hears it
	}
	answer, err := stream.Answer()
	if err != nil {
		return s.refused(w, err)
	}
	return s.judge(w, answer)
}

// pass passes on what a cell prints and shows, until it ends. Like a Jupyter kernel, it
// waits a moment for more of the same stream.
func (s *socket) pass(w waiting, stream *client.Stream, silent bool, count int) {
	events := make(chan client.Event)
	go func() {
		defer close(events)
		defer panics.Caught(s.end)
		for event := range stream.Events() {
			select {
			case events <- event:
			case <-s.life.Done():
				return
			}
		}
	}()
	var text strings.Builder
	var name string
	var due <-chan time.Time
	flush := func() {
		if text.Len() > 0 {
			s.send("iopub", "stream", map[string]string{"name": name, "text": text.String()}, &w.Header)
		}
		text.Reset()
		due = nil
	}
	var last *client.Output // the result comes after all that was printed
	defer func() {
		flush()
		if last != nil {
			s.show(w, last, silent, count)
		}
	}()
	for {
		select {
		case <-due:
			flush()
		case event, more := <-events:
			switch {
			case !more:
				return
			case event.Shown != nil && event.Shown.Kind == "result":
				last = event.Shown
				continue
			case event.Shown != nil:
				flush()
				s.show(w, event.Shown, silent, count)
				continue
			}
			from := map[bool]string{false: "stdout", true: "stderr"}[event.Stderr]
			if from != name || text.Len() >= mostText {
				flush()
			}
			name = from
			text.WriteString(event.Text)
			if due == nil {
				due = time.After(flushAfter)
			}
		}
	}
}

// show passes on what a cell showed.
func (s *socket) show(w waiting, shown *client.Output, silent bool, count int) {
	fields := map[string]any{"data": shown.Data, "metadata": shown.Metadata, "transient": struct{}{}}
	switch {
	case shown.Kind != "result":
		s.send("iopub", "display_data", fields, &w.Header)
	case !silent:
		delete(fields, "transient")
		fields["execution_count"] = count
		s.send("iopub", "execute_result", fields, &w.Header)
	}
}

// judge returns how a cell failed, or nil. A kernel that died with it is started again.
func (s *socket) judge(w waiting, a *client.Answer) *failure {
	raised := a.Error
	if raised == nil {
		raised = new(client.ScriptError)
	}
	var failed *failure
	switch a.Status {
	case client.StatusOK, client.StatusNotJSON:
		return nil
	case client.StatusException:
		return newFailure(raised.Type, raised.Message, raised.Traceback)
	case client.StatusExited:
		failed = newFailure("SystemExit", "status "+said(a.ExitCode), "")
	default:
		failed = newFailure("KernelError", string(a.Status)+" "+said(a.Limit)+said(a.Signal), raised.Traceback)
		if raised.Traceback != "" {
			failed.Traceback = append(failed.Traceback, failed.Name+": "+failed.Value)
		}
	}
	if _, err := s.session(w.caller).State(s.asks); died(err) {
		return s.revive(w, failed)
	}
	return failed
}

// said returns what a pointer points to in words; empty: nothing.
func said[T any](value *T) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(*value)
}

// refused says why a cell did not run, or did not end.
func (s *socket) refused(w waiting, err error) *failure {
	var p *client.Problem
	switch {
	case died(err):
		return s.revive(w, newFailure("KernelError", "the kernel had died", ""))
	case ended(err):
		return newFailure("KernelError", "the kernel was shut down or restarted", "")
	case errors.As(err, &p):
		return newFailure("KernelError", p.Error(), "")
	}
	return newFailure("KernelError", "the server failed", "")
}

// revive starts a kernel that has died again, as a Jupyter Server does. The client is told.
func (s *socket) revive(w waiting, failed *failure) *failure {
	s.send("iopub", "status", map[string]string{"execution_state": "restarting"}, nil)
	word := "the kernel was started again; its names and files are lost"
	if _, err := restart(s.asks, w.caller, s.session(w.caller), s.profile); err != nil {
		word = "the kernel is dead"
		if p := (*client.Problem)(nil); errors.As(err, &p) { // any other names its session
			word += ": " + p.Error()
		}
	}
	failed.Traceback = append(failed.Traceback, word)
	return failed
}

// died reports whether a session ended by itself: it crashed, or a limit ended it.
func died(err error) bool {
	var p *client.Problem
	return errors.As(err, &p) && p.Code == client.CodeGone && p.Verdict != nil
}
