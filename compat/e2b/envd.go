package e2b

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// envd is what does the calls in the sandbox, as its user.
//
//go:embed envd.py
var envd string

// asked returns the script for a call. It leaves no name in the sandbox.
func asked(call string, request json.RawMessage) client.Request {
	script := fmt.Sprintf("(lambda names: (exec(%s, names), names['main'](%q, %s))[1])({'__name__': 'envd'})", literal(envd), call, literal(string(request)))
	return client.Request{Script: script, Mode: "function"}
}

// maxAsked is the most that a call may say, in bytes. Linux takes no longer command than
// 128 KiB.
const maxAsked = 512 << 10

// small refuses what is too much for a script: it is escaped more than once.
func small(request json.RawMessage) error {
	if len(request) > maxAsked {
		return compat.Refuse(client.CodeTooLarge, "the request has %d bytes; the maximum is %d", len(request), maxAsked)
	}
	return nil
}

// literal returns a text as Python has it. JSON's escapes are Python's, too.
func literal(text string) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic(err) // a string always has a form
	}
	return strings.TrimSpace(out.String())
}

// calls of the file system.
var calls = map[string]bool{"Stat": true, "ListDir": true, "MakeDir": true, "Move": true, "Remove": true}

// unimplemented refuses what hotcell's sandboxes do not have.
func unimplemented(what string) error {
	return &client.Problem{Code: client.CodeInvalidRequest, Status: http.StatusNotImplemented, Detail: "hotcell's sandboxes have no " + what}
}

// filesystem serves a call about files and directories.
func (s *server) filesystem(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	call := c.Var("call")
	if !calls[call] {
		return unimplemented(shorten(call))
	}
	var about json.RawMessage
	if err := c.JSON(&about); err != nil {
		return err
	}
	if err := small(about); err != nil {
		return err
	}
	request := asked(call, about)
	return s.files(r, c, func(session *client.Session) error {
		answer, err := session.Execute(r.Context(), request)
		if err != nil {
			return err
		}
		var found struct {
			Code, Message string
			Answer        json.RawMessage // passed on as it is: decoded it would take many times its size
		}
		if answer.Status != client.StatusOK || json.Unmarshal(answer.Result, &found) != nil || found.Code == "" && !bytes.HasPrefix(found.Answer, []byte("{")) {
			return &client.Problem{Code: client.CodeInternal, Status: http.StatusInternalServerError, Detail: call + " ended as " + string(answer.Status)}
		}
		if status := statuses[found.Code]; status != 0 {
			return &client.Problem{Code: client.CodeInvalidRequest, Status: status, Detail: found.Message}
		}
		return write(w, http.StatusOK, found.Answer)
	})
}

var statuses = map[string]int{"not_found": http.StatusNotFound, "already_exists": http.StatusConflict, "invalid_argument": http.StatusBadRequest}

// thePID stands for the command that runs: there is at most one.
const thePID = 1

// process serves a call about commands: one that runs until it ends or its client leaves.
func (s *server) process(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	switch call := c.Var("call"); call {
	case "Start":
		return s.start(w, r, c)
	case "List":
		return write(w, http.StatusOK, map[string]any{"processes": []any{}})
	case "SendSignal":
		box, err := s.here(r, c)
		if err != nil {
			return err
		}
		session, err := c.Client().Session(box.id)
		if err == nil {
			_, err = session.Interrupt(r.Context())
		}
		if err != nil {
			return err
		}
		return write(w, http.StatusOK, map[string]any{})
	default:
		return unimplemented(shorten(call))
	}
}

// Connect's streams consist of envelopes: flags, a length, and JSON.
const (
	envelopeHead = 5
	endOfStream  = 2
)

func (s *server) start(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	var wanted struct {
		Process json.RawMessage
		PTY     json.RawMessage
	}
	if len(body) < envelopeHead || json.Unmarshal(body[envelopeHead:], &wanted) != nil || wanted.Process == nil {
		return compat.Refuse(client.CodeInvalidJSON, "the body must be one envelope with a process")
	}
	if wanted.PTY != nil {
		return unimplemented("terminals")
	}
	if err := small(wanted.Process); err != nil {
		return err
	}
	request := asked("Start", wanted.Process)
	request.Limits = &client.Limits{WallMS: c.Limits().Max.WallMS, CPUMS: c.Limits().Max.CPUMS}
	return s.files(r, c, func(session *client.Session) error { return command(r.Context(), w, session, request) })
}

// command runs a command, and tells what it prints and how it ended.
func command(ctx context.Context, w http.ResponseWriter, session *client.Session, request client.Request) error {
	stream, err := session.Stream(ctx, request)
	if err != nil {
		return err
	}
	defer stream.Close()
	w.Header().Set("Content-Type", "application/connect+json")
	tell := func(flags byte, value any) {
		text, err := json.Marshal(value)
		if err != nil {
			return // what follows is told all the same
		}
		head := binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(text))) // #nosec G115 -- far smaller
		_, _ = w.Write(append(head, text...))                                   // fails only if the client is gone
		_ = http.NewResponseController(w).Flush()
	}
	tell(0, event{"event": event{"start": event{"pid": thePID}}})
	for e := range stream.Events() {
		if e.Shown == nil {
			kind := map[bool]string{false: "stdout", true: "stderr"}[e.Stderr]
			tell(0, event{"event": event{"data": event{kind: base64.StdEncoding.EncodeToString([]byte(e.Text))}}})
		}
	}
	answer, err := stream.Answer()
	if err != nil {
		return err
	}
	code, how := 137, string(answer.Status)
	if got, err := strconv.Atoi(strings.TrimSpace(string(answer.Result))); err == nil && answer.Status == client.StatusOK {
		code, how = got, "exit status "+strconv.Itoa(got)
	}
	tell(0, event{"event": event{"end": event{"exitCode": code, "exited": true, "status": how}}})
	tell(endOfStream, event{})
	return nil
}
