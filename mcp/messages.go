package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

// maxBatch is how many messages one request may contain. Each call of a batch is a
// request of its own, and all run at the same time.
const maxBatch = 100

// Codes of JSON-RPC 2.0, section 5.1.
const (
	parseError     = -32700
	invalidRequest = -32600
	methodNotFound = -32601
)

// rpcError is the JSON-RPC answer to a request whose messages are invalid.
type rpcError struct {
	status  int
	id      []byte // as it came; empty: unknown
	code    int
	message string
}

func (e *rpcError) Error() string { return e.message }

func refuseMessage(code int, format string, args ...any) *rpcError {
	return &rpcError{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

func (e *rpcError) write(w http.ResponseWriter) {
	id := json.RawMessage("null")
	if len(e.id) > 0 {
		id = e.id
	}
	body, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   any             `json:"error"`
	}{"2.0", id, map[string]any{"code": e.code, "message": e.message}})
	if err != nil {
		panic(err) // the id was read as JSON before
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // fails only if the client is gone
}

// id is the id of a message, and its place in the body.
type id struct {
	raw  []byte // nil: the message has none
	from int
}

// messages are the messages of a body: one, or a batch.
type messages struct {
	body []byte
	ids  []id // of the messages that have one
}

// readMessages finds the ids. It checks only what bounds the work of the SDK on the
// body.
func readMessages(body []byte) (messages, error) {
	m := messages{body: body}
	reader := jsonscan.NewReader(body)
	var wrong *rpcError
	count := 0
	message := func() {
		count++
		if wrong == nil && reader.Kind() != jsonscan.Object {
			wrong = refuseMessage(invalidRequest, "a JSON-RPC message must be an object, not %v", reader.Kind())
		}
		var own id
		var method string
		reader.Object(func(name jsonscan.Name) {
			switch {
			case name.Is("method"):
				method = reader.Text()
			case name.Is("id"):
				kind := reader.Kind()
				again := own.raw != nil
				value, _ := reader.Skip()
				own = id{value, reader.Offset() - len(value)}
				if wrong == nil && (kind != jsonscan.String && kind != jsonscan.Number || again) {
					wrong = refuseMessage(invalidRequest, "the id of a message must be one string or number")
				}
			}
		})
		if own.raw != nil {
			m.ids = append(m.ids, own)
		}
		if wrong == nil && method == "subscriptions/listen" {
			// The answer would be an endless stream without events, since nothing
			// ever changes.
			wrong = refuseMessage(methodNotFound, "there is nothing to subscribe to")
			wrong.status, wrong.id = http.StatusNotFound, own.raw
		}
	}
	if reader.Kind() == jsonscan.Array {
		reader.Array(func(int) {
			if count < maxBatch {
				message()
			} else {
				count++
			}
		})
	} else {
		message()
	}
	var syntax *jsonscan.Error
	switch {
	case errors.As(reader.End(), &syntax):
		return m, refuseMessage(parseError, "the body is not JSON: %v", syntax)
	case wrong != nil:
		return m, wrong
	case count == 0:
		return m, refuseMessage(invalidRequest, "the batch is empty")
	case count > maxBatch:
		return m, refuseMessage(invalidRequest, "the batch has %d messages; at most %d are allowed", count, maxBatch)
	}
	if at := reader.LoneSurrogate(); at >= 0 {
		return m, refuseMessage(invalidRequest, "%s: a lone surrogate is not a character", jsonscan.Pointer(body, at))
	}
	return m, nil
}

// survives reports whether the SDK returns an id unchanged: it keeps numbers as
// float64, and answers with int64.
func (i id) survives() bool {
	if i.raw[0] == '"' {
		return true
	}
	const exact = 1 << 53
	n, err := strconv.ParseInt(string(i.raw), 10, 64)
	return err == nil && -exact < n && n < exact && strconv.FormatInt(n, 10) == string(i.raw)
}

// numbered returns the body with 0, 1, 2… instead of its ids if one of them would
// come back changed, and otherwise the body itself.
func (m messages) numbered() (body []byte, changed bool) {
	for _, id := range m.ids {
		changed = changed || !id.survives()
	}
	if !changed {
		return m.body, false
	}
	var out bytes.Buffer
	at := 0
	for n, id := range m.ids {
		out.Write(m.body[at:id.from])
		out.WriteString(strconv.Itoa(n))
		at = id.from + len(id.raw)
	}
	out.Write(m.body[at:])
	return out.Bytes(), true
}

// restored returns an answer to the numbered body with the ids as they came, in
// pieces, most of which alias the answer.
func (m messages) restored(answer []byte) ([][]byte, error) {
	var out [][]byte
	at := 0
	reader := jsonscan.NewReader(answer)
	message := func() {
		reader.Object(func(name jsonscan.Name) {
			if !name.Is("id") {
				return
			}
			value, _ := reader.Skip()
			n, err := strconv.Atoi(string(value))
			if err != nil || n < 0 || n >= len(m.ids) {
				return // not the id of a numbered message
			}
			out = append(out, answer[at:reader.Offset()-len(value)], m.ids[n].raw)
			at = reader.Offset()
		})
	}
	if reader.Kind() == jsonscan.Array {
		reader.Array(func(int) { message() })
	} else {
		message()
	}
	if err := reader.End(); err != nil {
		return nil, fmt.Errorf("read the answer's ids: %w", err)
	}
	return append(out, answer[at:]), nil
}
