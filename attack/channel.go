package attack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

// kernelProtocol is that of kernels' WebSockets with binary frames. Without it they have
// JSON in text frames.
const kernelProtocol = "v1.kernel.websocket.jupyter.org"

// channel runs a cell through the WebSocket of a kernel: the body is the content of an
// execute_request. The answer's body has the messages that came, one a line, until the
// one that says that the kernel is idle again, or a line with the code of the closing.
func (t *target) channel(ctx context.Context, w *wire, own tokens, script string) (*answer, error) {
	content, _ := w.content(own, script)
	options := &websocket.DialOptions{HTTPClient: t.http, HTTPHeader: make(http.Header)}
	t.fill(options.HTTPHeader, w, own)
	if protocol := options.HTTPHeader.Get("Sec-WebSocket-Protocol"); protocol != "" {
		options.Subprotocols = []string{protocol}
		options.HTTPHeader.Del("Sec-WebSocket-Protocol")
	}
	conn, response, err := websocket.Dial(ctx, t.server.URL()+own.plain(w.target), options)
	if err != nil && response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		var body bytes.Buffer
		_, _ = body.ReadFrom(response.Body)
		return wireAnswer(w, response.StatusCode, response.Header, body.Bytes(), nil), nil
	}
	if err != nil {
		return nil, err
	}
	if w.idle {
		context.AfterFunc(ctx, func() { _ = conn.CloseNow() })
		return wireAnswer(w, response.StatusCode, response.Header, nil, nil), nil
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(longestBody)
	v1, id := conn.Subprotocol() == kernelProtocol, rand.Text()
	if err := ask(ctx, conn, v1, id, content); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	for {
		_, frame, err := conn.Read(ctx)
		if code := websocket.CloseStatus(err); code >= 0 {
			fmt.Fprintf(&body, "{\"closed\":%d}\n", code)
			break
		}
		if err != nil {
			return nil, err
		}
		if v1 {
			if frame, err = unpack(frame); err != nil {
				return nil, err
			}
		}
		var said struct {
			Parent struct {
				ID string `json:"msg_id"`
			} `json:"parent_header"`
			Content struct {
				State string `json:"execution_state"`
			}
		}
		if err := json.Unmarshal(frame, &said); err != nil || bytes.ContainsRune(frame, '\n') {
			return nil, fmt.Errorf("a frame is not one message in one line: %s", quote(string(frame)))
		}
		body.Write(append(frame, '\n'))
		if said.Parent.ID == id && said.Content.State == "idle" {
			break
		}
	}
	return wireAnswer(w, response.StatusCode, response.Header, body.Bytes(), nil), nil
}

// ask sends an execute_request.
func ask(ctx context.Context, conn *websocket.Conn, v1 bool, id string, content []byte) error {
	header := fmt.Sprintf(`{"msg_id":%q,"msg_type":"execute_request","username":"","session":"s","date":"","version":"5.3"}`, id)
	if !v1 {
		return conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"header":%s,"parent_header":{},"metadata":{},"content":%s,"channel":"shell"}`, header, content))
	}
	parts := [][]byte{[]byte("shell"), []byte(header), []byte("{}"), []byte("{}"), content}
	const word = 8
	place := uint64(word * (len(parts) + 2))
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	frame = binary.LittleEndian.AppendUint64(frame, place)
	for _, part := range parts {
		place += uint64(len(part))
		frame = binary.LittleEndian.AppendUint64(frame, place)
	}
	return conn.Write(ctx, websocket.MessageBinary, append(frame, bytes.Join(parts, nil)...))
}

// unpack returns a binary frame's message as the other protocol has it.
func unpack(frame []byte) ([]byte, error) {
	wrong := errors.New("a frame is not one of " + kernelProtocol)
	const word, parts = 8, 5
	if len(frame) < word*(parts+2) || binary.LittleEndian.Uint64(frame) != parts+1 {
		return nil, wrong
	}
	names := []string{"channel", "header", "parent_header", "metadata", "content"}
	message := make(map[string]json.RawMessage)
	for i, name := range names {
		from, to := binary.LittleEndian.Uint64(frame[word*(i+1):]), binary.LittleEndian.Uint64(frame[word*(i+2):])
		if from > to || to > uint64(len(frame)) {
			return nil, wrong
		}
		message[name] = frame[from:to]
	}
	message["channel"] = json.RawMessage(`"` + inside(string(message["channel"])) + `"`)
	return json.Marshal(message)
}
