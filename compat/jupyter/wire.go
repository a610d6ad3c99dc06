package jupyter

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/compat"
)

// protocolV1 is the subprotocol with binary frames. Without it, frames are JSON text.
const protocolV1 = "v1.kernel.websocket.jupyter.org"

// kernelProtocol is the version of the messages, https://jupyter-client.readthedocs.io/en/stable/messaging.html.
const kernelProtocol = "5.3"

const (
	longestHeader = 1 << 10 // bytes of a client's header, which every message about its request repeats
	mostParts     = 64      // of a binary frame
)

// header of a message.
type header struct {
	ID       string `json:"msg_id"`
	Type     string `json:"msg_type"`
	Username string `json:"username"`
	Session  string `json:"session"`
	Date     string `json:"date"`
	Version  string `json:"version"`
}

// request is a message of a client.
type request struct {
	Header  header          `json:"header"`
	Content json.RawMessage `json:"content"`
	Channel string          `json:"channel"`
}

// message is a message to a client. Parent is the header of the request that it is about.
type message struct {
	Header   header         `json:"header"`
	ID       string         `json:"msg_id"`
	Type     string         `json:"msg_type"`
	Parent   any            `json:"parent_header"`
	Metadata map[string]any `json:"metadata"`
	Content  any            `json:"content"`
	Buffers  []any          `json:"buffers"`
	Channel  string         `json:"channel"`
}

// newMessage returns a message about a request; parent is nil where there is none.
func newMessage(channel, kind string, content any, parent *header, id string) message {
	own := header{ID: id, Type: kind, Username: "hotcell", Session: "hotcell", Date: time.Now().UTC().Format(timeFormat), Version: kernelProtocol}
	m := message{Header: own, ID: id, Type: kind, Parent: struct{}{}, Metadata: map[string]any{}, Content: content, Buffers: []any{}, Channel: channel}
	if parent != nil {
		own.Session, m.Header.Session, m.Parent = parent.Session, parent.Session, parent
	}
	return m
}

// decode reads a frame. It returns nil for one with nothing to answer: a message with
// buffers in the JSON protocol, which only widgets send.
func decode(kind websocket.MessageType, frame []byte, v1 bool) (*request, error) {
	got := new(request)
	switch {
	case v1:
		parts, err := split(frame)
		if err != nil {
			return nil, err
		}
		got.Channel = string(parts[0])
		if err := json.Unmarshal(parts[1], &got.Header); err != nil {
			return nil, fmt.Errorf("read the header: %w", err)
		}
		if got.Content = parts[4]; !utf8.Valid(got.Content) { // decoded, each wrong byte would be three
			return nil, errNotUTF8
		}
	case kind == websocket.MessageBinary:
		return nil, nil
	case !utf8.Valid(frame):
		return nil, errNotUTF8
	default:
		if err := json.Unmarshal(frame, got); err != nil {
			return nil, fmt.Errorf("read the message: %w", err)
		}
	}
	h := got.Header
	if len(h.ID)+len(h.Type)+len(h.Username)+len(h.Session)+len(h.Date)+len(h.Version) > longestHeader {
		return nil, fmt.Errorf("a header has at most %d bytes", longestHeader)
	}
	return got, nil
}

var (
	errFrame   = errors.New("not a frame of " + protocolV1)
	errNotUTF8 = errors.New("the content must be UTF-8")
)

// split takes a binary frame apart: the channel, header, parent header, metadata,
// content, and perhaps buffers.
func split(frame []byte) ([][]byte, error) {
	const word = 8
	if len(frame) < word {
		return nil, errFrame
	}
	n := binary.LittleEndian.Uint64(frame)
	if n < 6 || n > mostParts || uint64(len(frame)) < word*(n+1) {
		return nil, errFrame
	}
	parts := make([][]byte, n-1)
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(frame[word*(i+1):]) }
	for i := range parts {
		from, to := at(i), at(i+1)
		if from < word*(n+1) || from > to || to > uint64(len(frame)) {
			return nil, errFrame
		}
		parts[i] = frame[from:to]
	}
	return parts, nil
}

// encode writes a frame.
func encode(m message, v1 bool) (websocket.MessageType, []byte, error) {
	if !v1 {
		frame, err := compat.Encode(m)
		return websocket.MessageText, frame, err
	}
	parts := [][]byte{[]byte(m.Channel)}
	for _, part := range []any{m.Header, m.Parent, m.Metadata, m.Content} {
		text, err := compat.Encode(part)
		if err != nil {
			return 0, nil, err
		}
		parts = append(parts, text)
	}
	place := uint64(8 * (len(parts) + 2))
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	frame = binary.LittleEndian.AppendUint64(frame, place)
	for _, part := range parts {
		place += uint64(len(part))
		frame = binary.LittleEndian.AppendUint64(frame, place)
	}
	for _, part := range parts {
		frame = append(frame, part...)
	}
	return websocket.MessageBinary, frame, nil
}
