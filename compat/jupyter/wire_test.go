package jupyter

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

const asked = `{"msg_id":"m1","msg_type":"execute_request","username":"u","session":"s","date":"","version":"5.3"}`

// frameOf builds a binary frame as clients do.
func frameOf(parts ...string) []byte {
	place := uint64(8 * (len(parts) + 2))
	frame := binary.LittleEndian.AppendUint64(nil, uint64(len(parts)+1))
	frame = binary.LittleEndian.AppendUint64(frame, place)
	for _, part := range parts {
		place += uint64(len(part))
		frame = binary.LittleEndian.AppendUint64(frame, place)
	}
	return append(frame, strings.Join(parts, "")...)
}

func TestARequestIsReadInBothProtocols(t *testing.T) {
	want := &request{Channel: "shell", Content: json.RawMessage(`{"code":"1"}`),
		Header: header{ID: "m1", Type: "execute_request", Username: "u", Session: "s", Version: "5.3"}}
	for _, c := range []struct {
		name  string
		kind  websocket.MessageType
		frame []byte
		v1    bool
	}{
		{"JSON", websocket.MessageText, []byte(`{"header":` + asked + `,"parent_header":{},"metadata":{},"content":{"code":"1"},"channel":"shell"}`), false},
		{"binary", websocket.MessageBinary, frameOf("shell", asked, "{}", "{}", `{"code":"1"}`), true},
		{"binary with a buffer", websocket.MessageBinary, frameOf("shell", asked, "{}", "{}", `{"code":"1"}`, "\x00\xff"), true},
	} {
		if got, err := decode(c.kind, c.frame, c.v1); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v %v", c.name, got, err)
		}
	}
}

func TestAFrameThatIsWrongIsRefused(t *testing.T) {
	whole := frameOf("shell", asked, "{}", "{}", "{}")
	with := func(word int, value uint64) []byte {
		frame := append([]byte(nil), whole...)
		binary.LittleEndian.PutUint64(frame[8*word:], value)
		return frame
	}
	for name, frame := range map[string][]byte{
		"nothing":                      nil,
		"half a word":                  whole[:4],
		"the offsets alone, cut":       whole[:20],
		"the parts cut":                whole[:len(whole)-1],
		"no offsets":                   with(0, 0),
		"too few offsets":              with(0, 5),
		"as many as there are numbers": with(0, 1<<63),
		"more than a message has":      with(0, 1<<40),
		"an offset before the parts":   with(1, 0),
		"an offset behind the frame":   with(6, 1<<62),
		"offsets that go back":         with(3, 1<<20),
		"a header that is no JSON":     frameOf("shell", "{", "{}", "{}", "{}"),
		"content that is no UTF-8":     frameOf("shell", asked, "{}", "{}", "{\"code\":\"\xff\"}"),
		"a long header":                frameOf("shell", strings.Replace(asked, "m1", strings.Repeat("m", 2000), 1), "{}", "{}", "{}"),
	} {
		if got, err := decode(websocket.MessageBinary, frame, true); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, text := range []string{"", "[]", `"x"`, `{"header":1}`, "{\"content\":\"\xff\"}", `{"header":{"msg_id":"` + strings.Repeat("m", 2000) + `"}}`} {
		if got, err := decode(websocket.MessageText, []byte(text), false); err == nil {
			t.Errorf("%.40s: %+v", text, got)
		}
	}
}

// What a cell prints is data in a message, whatever it looks like.
func TestOutputStaysWithinItsMessage(t *testing.T) {
	hostile := "\"},\"msg_type\":\"status\"\x00\u2028</script>\xff" + strings.Repeat("\x01", 100)
	parent := &header{ID: "m1", Session: "s"}
	sent := newMessage("iopub", "stream", map[string]string{"name": "stdout", "text": hostile}, parent, "id")
	want := strings.ToValidUTF8(hostile, "\ufffd")

	kind, frame, err := encode(sent, false)
	var got struct {
		Type    string `json:"msg_type"`
		Parent  header `json:"parent_header"`
		Content struct{ Text string }
		Channel string
	}
	if err := errors.Join(err, json.Unmarshal(frame, &got)); err != nil || kind != websocket.MessageText {
		t.Fatal(kind, err)
	}
	if got.Type != "stream" || got.Channel != "iopub" || got.Content.Text != want || got.Parent != *parent {
		t.Errorf("JSON: %+v", got)
	}

	kind, frame, err = encode(sent, true)
	if err != nil || kind != websocket.MessageBinary {
		t.Fatal(kind, err)
	}
	parts, err := split(frame)
	if err != nil || len(parts) != 5 || string(parts[0]) != "iopub" {
		t.Fatalf("binary: %q %v", parts, err)
	}
	if err := json.Unmarshal(parts[4], &got.Content); err != nil || got.Content.Text != want {
		t.Errorf("binary: %q %v", got.Content.Text, err)
	}
}

func TestAMessageTakesNoMoreThanWhatItSays(t *testing.T) {
	text := strings.Repeat("<", 1<<10)
	for _, v1 := range []bool{false, true} {
		_, frame, err := encode(newMessage("iopub", "stream", map[string]string{"text": text}, nil, "id"), v1)
		if err != nil || !strings.Contains(string(frame), `{"text":"`+text+`"}`) {
			t.Errorf("%v, %.300s", err, frame)
		}
	}
}

func FuzzFramesNeverBreakTheReader(f *testing.F) {
	f.Add(frameOf("shell", asked, "{}", "{}", "{}"), true)
	f.Add([]byte(`{"header":`+asked+`}`), false)
	f.Fuzz(func(t *testing.T, frame []byte, v1 bool) {
		got, err := decode(websocket.MessageText, frame, v1)
		if (got == nil) == (err == nil) {
			t.Errorf("%v %v", got, err)
		}
	})
}
