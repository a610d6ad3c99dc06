package protocol_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

// golden is a frame as it is sent on the wire. The Python tests read the same file.
type golden struct {
	Name    string `json:"name"`
	Type    uint8  `json:"type"`
	Payload string `json:"payload"`
	Wire    string `json:"wire"` // hex
}

func goldenFrames(t testing.TB) []golden {
	t.Helper()
	text, err := os.ReadFile("testdata/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var frames []golden
	if err := json.Unmarshal(text, &frames); err != nil {
		t.Fatal(err)
	}
	return frames
}

func (g golden) wire(t testing.TB) []byte {
	t.Helper()
	wire, err := hex.DecodeString(g.Wire)
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func TestGoldenFramesEncodeToTheirBytes(t *testing.T) {
	for _, g := range goldenFrames(t) {
		frame, err := protocol.AppendFrame(nil, protocol.Type(g.Type), []byte(g.Payload), 1<<20)
		if err != nil || !bytes.Equal(frame, g.wire(t)) {
			t.Errorf("%s: %x, %v", g.Name, frame, err)
		}
		if !strings.HasPrefix(g.Name, protocol.Type(g.Type).String()) {
			t.Errorf("%s has the type of %s", g.Name, protocol.Type(g.Type))
		}
	}
}

func TestGoldenFramesDecode(t *testing.T) {
	for _, g := range goldenFrames(t) {
		kind, payload, err := protocol.ReadFrame(bytes.NewReader(g.wire(t)), 1<<20)
		if err != nil || kind != protocol.Type(g.Type) || string(payload) != g.Payload {
			t.Errorf("%s: %v %q, %v", g.Name, kind, payload, err)
		}
		kind, payload, err = protocol.DecodePacket(g.wire(t))
		if err != nil || kind != protocol.Type(g.Type) || string(payload) != g.Payload {
			t.Errorf("%s as a packet: %v %q, %v", g.Name, kind, payload, err)
		}
	}
}

// The golden file has the JSON of every message as this build writes it, so that the
// test detects a renamed field.
func TestMessagesKeepTheirJSON(t *testing.T) {
	line, column, text := 7, 3, "x ="
	messages := map[string]any{
		"START": protocol.Start{Protocol: 1, Mode: protocol.ModeFork, Preload: []string{"numpy"}, Warmup: "def main(): pass", ZygoteSeccomp: []byte{6}, Seccomp: []byte{6, 0}},
		"START with Landlock": protocol.Start{Protocol: 1, Mode: protocol.ModeExec, Preload: []string{}, ZygoteSeccomp: []byte{6}, Seccomp: []byte{6, 0}, Landlock: &protocol.Landlock{
			FS: 0xffff, Net: 3, Scoped: 3, Flags: 5, Rules: []protocol.LandlockRule{{Path: "/usr", Rights: 5}}, Disk: 0x67be}},
		"START with a snapshot":    protocol.Start{Protocol: 1, Mode: protocol.ModeFork, Preload: []string{"numpy"}, Warmup: "def main(): pass", ZygoteSeccomp: []byte{6}, Seccomp: []byte{6, 0}, Snapshot: true},
		"SNAPSHOT":                 protocol.Snapshot{Offset: 111149056, Bytes: 32768, Regions: 192, Moved: 490, Runs: 15872, Hot: 270, Filter: 24512, FilterBytes: 8000, Cgroups: 5},
		"HELLO":                    protocol.Hello{Protocol: 1, Python: "3.11.2", Packages: map[string]string{"numpy": "2.4.6"}},
		"SPAWN":                    protocol.Spawn{Cell: 12, UID: 20001, DiskBytes: 1 << 26, MemoryBytes: 256 << 20, Files: 256, Tasks: 128, Rehearse: true},
		"SPAWNED":                  protocol.Spawned{Cell: 12},
		"EXITED":                   protocol.Exited{Cell: 12, Signal: 11},
		"READY":                    protocol.Ready{StepsUS: map[string]int64{"seccomp": 40}},
		"RESULT":                   protocol.Result{Status: protocol.StatusException, Error: &protocol.ScriptError{Type: "E", Message: "m", Traceback: "t", Line: &line}},
		"RESULT of sys.exit":       protocol.Result{Status: protocol.StatusExited, ExitCode: &line},
		"RESULT of a syntax error": protocol.Result{Status: protocol.StatusSyntaxError, Error: &protocol.ScriptError{Type: "SyntaxError", Message: "m", Traceback: "t", Line: &line, Column: &column, Text: &text}},
		"FILE":                     protocol.File{Path: "out/a.txt"},
		"FAILED":                   protocol.Failed{Cell: 12, Step: "seccomp", Error: "OSError: no"},
		"TRANSFER to list":         protocol.Transfer{Do: protocol.DoList, Pattern: "out/**", MaxFiles: protocol.MaxListed, MaxBytes: protocol.MaxListingBytes, MaxDepth: 64},
		"TRANSFER to get":          protocol.Transfer{Do: protocol.DoGet, Path: "out/a.txt"},
		"TRANSFER for more":        protocol.Transfer{Do: protocol.DoMore, Bytes: protocol.MaxPieceBytes},
		"TRANSFER to put":          protocol.Transfer{Do: protocol.DoPut, Path: "out/a.txt"},
		"TRANSFER to delete":       protocol.Transfer{Do: protocol.DoDelete, Path: "out/a.txt"},
		"TRANSFER at the end":      protocol.Transfer{Do: protocol.DoEnd},
		"TRANSFER to drop":         protocol.Transfer{Do: protocol.DoDrop},
		"DONE":                     protocol.Done{},
		"DONE with a size":         protocol.Done{Bytes: 6},
		"DONE with files":          protocol.Done{Files: []protocol.ListedFile{{Path: "out/a.txt", Bytes: 6}, {Path: "ü"}}, More: true},
		"DONE with an error":       protocol.Done{Error: protocol.TransferNotFound, Message: "No such file or directory"},
	}
	for _, g := range goldenFrames(t) {
		message, ok := messages[g.Name]
		if !ok {
			continue
		}
		delete(messages, g.Name)
		want, _, _ := strings.Cut(g.Payload, "\n") // of a RESULT only the head is a JSON document of its own
		frame, err := protocol.EncodeMessage(protocol.Type(g.Type), message, 1<<20)
		if err != nil || string(frame[protocol.HeaderBytes:]) != want {
			t.Errorf("%s: wrote %s, want %s (%v)", g.Name, frame[protocol.HeaderBytes:], want, err)
		}
		back := reflect.New(reflect.TypeOf(message))
		if err := protocol.DecodeMessage(protocol.Type(g.Type), []byte(want), back.Interface()); err != nil {
			t.Errorf("%s: %v", g.Name, err)
		} else if !reflect.DeepEqual(back.Elem().Interface(), message) {
			t.Errorf("%s: read %+v, want %+v", g.Name, back.Elem().Interface(), message)
		}
	}
	for name := range messages {
		t.Errorf("no golden frame %s", name)
	}
}

// A RUN is a head, followed by the client's bytes unchanged.
func TestARunIsAHeaderAndUnchangedParts(t *testing.T) {
	runs := map[string]protocol.Run{
		"RUN": {Script: "def main(a): return a", Args: json.RawMessage("[12345678901234567890]"), Kwargs: json.RawMessage("{}"),
			Stdin: "in\n", Env: map[string]string{"A": "<b>"}, ResultBytes: 4 << 20},
		"RUN that collects, in a session": {Script: "1 + 1", ResultBytes: 4 << 20, Call: 2,
			Collect: &protocol.Collect{Patterns: []string{"out/**"}, MaxBytes: 1 << 20, MaxFiles: 1000, MaxDepth: 64}},
		"RUN of a program":                      {Script: "1 + 1", Args: json.RawMessage(`["a"]`), ResultBytes: 4 << 20, Mode: protocol.ScriptProgram},
		"RUN of a notebook's cell, which shows": {Script: "1 + 1", ResultBytes: 4 << 20, Mode: protocol.ScriptCell, Display: true, OutputsBytes: 4 << 20},
		"RUN with other memory":                 {Script: "1 + 1", ResultBytes: 4 << 20, MemoryBytes: 512 << 20},
		"RUN with a limit of processes":         {Script: "1 + 1", ResultBytes: 4 << 20, Tasks: 33},
		"RUN that somebody watches":             {Script: "1 + 1", ResultBytes: 4 << 20, Live: true},
		"RUN that needs no main":                {Script: "1 + 1", ResultBytes: 4 << 20, LastExpression: true},
		"RUN on a terminal":                     {Env: map[string]string{"TERM": "xterm"}, ResultBytes: 4 << 20, TTY: true},
	}
	for _, g := range goldenFrames(t) {
		run, ok := runs[g.Name]
		if !ok {
			continue
		}
		delete(runs, g.Name)
		parts, err := protocol.EncodeRun(run)
		if wire := bytes.Join(parts, nil); err != nil || !bytes.Equal(wire, g.wire(t)) {
			t.Errorf("%s: wrote %q, %v", g.Name, wire, err)
		}
	}
	for name := range runs {
		t.Errorf("no golden frame %s", name)
	}
	if _, err := protocol.EncodeRun(protocol.Run{Script: strings.Repeat("x", protocol.MaxRunBytes)}); !errors.Is(err, protocol.ErrTooLarge) {
		t.Error(err)
	}
}

func TestFramesThatAreTooLongAreRejectedBeforeTheyAreRead(t *testing.T) {
	header := []byte{0xff, 0xff, 0xff, 0xff, byte(protocol.TypeResult)}
	if _, _, err := protocol.ReadFrame(bytes.NewReader(header), 1<<20); !errors.Is(err, protocol.ErrTooLarge) {
		t.Errorf("read: %v", err)
	}
	if _, err := protocol.AppendFrame(nil, protocol.TypeRun, make([]byte, 11), 10); !errors.Is(err, protocol.ErrTooLarge) {
		t.Errorf("write: %v", err)
	}
	if _, _, err := protocol.ReadFrame(bytes.NewReader([]byte{0, 0, 0, 10, byte(protocol.TypeResult)}), 9); !errors.Is(err, protocol.ErrTooLarge) {
		t.Errorf("one byte over: %v", err)
	}
}

func TestUnknownTypesAreRefused(t *testing.T) {
	for _, kind := range []byte{0, 32, 255} {
		if _, _, err := protocol.ReadFrame(bytes.NewReader([]byte{0, 0, 0, 0, kind}), 10); !errors.Is(err, protocol.ErrUnknownType) {
			t.Errorf("type %d: %v", kind, err)
		}
	}
}

func TestACutFrameIsAnErrorAndAnEndBetweenFramesIsEOF(t *testing.T) {
	frame, err := protocol.AppendFrame(nil, protocol.TypeResult, []byte("{}\nnull"), 100)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(frame) {
		_, _, err := protocol.ReadFrame(bytes.NewReader(frame[:n]), 100)
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if !errors.Is(err, want) {
			t.Errorf("cut at %d: %v, want %v", n, err, want)
		}
		if _, _, err := protocol.DecodePacket(frame[:n]); err == nil {
			t.Errorf("a packet cut at %d was read", n)
		}
	}
	if _, _, err := protocol.DecodePacket(append(frame, 0)); err == nil {
		t.Error("a packet with a byte too many was read")
	}
}

func TestDecodeResultTakesNothingButAWorkersWord(t *testing.T) {
	good, err := protocol.DecodeResult([]byte("{\"status\":\"ok\",\"error\":null}\n{\"a\":[1,2]}"))
	if err != nil || good.Status != protocol.StatusOK || string(good.Value) != `{"a":[1,2]}` {
		t.Fatalf("%+v, %v", good, err)
	}
	for name, payload := range map[string]string{
		"empty":                     "",
		"no head line":              `{"status":"ok"}`,
		"not JSON":                  "ok\nnull",
		"an unknown field":          `{"status":"ok","usage":1}` + "\nnull",
		"an unknown status":         `{"status":"fine"}` + "\nnull",
		"a status of ours":          `{"status":"timeout"}` + "\nnull",
		"no status":                 "{}\nnull",
		"two values":                `{"status":"ok"} {}` + "\nnull",
		"ok with an error":          `{"status":"ok","error":{"type":"E"}}` + "\nnull",
		"an exception without one":  `{"status":"exception","error":null}` + "\nnull",
		"a head over its cap":       `{"status":"exception","error":{"message":"` + strings.Repeat("x", protocol.MaxHeadBytes) + `"}}` + "\nnull",
		"a number for the message":  `{"status":"exception","error":{"message":7}}` + "\nnull",
		"a fraction for the line":   `{"status":"exception","error":{"line":1.5}}` + "\nnull",
		"a list for the whole head": "[]\nnull",
		"an output_limit of none":   `{"status":"output_limit"}` + "\nnull",
		"a limit of ours":           `{"status":"output_limit","limit":"wall"}` + "\nnull",
		"a limit with ok":           `{"status":"ok","limit":"result"}` + "\nnull",
		"two statuses":              `{"status":"exception","status":"ok"}` + "\nnull",
		"a status in capitals":      `{"Status":"ok"}` + "\nnull",
		"two in different case":     `{"status":"ok","STATUS":"not_json"}` + "\nnull",
		"a name with a long s":      `{"\u017ftatus":"ok"}` + "\nnull", // which encoding/json reads as an s
		"two lines in an error":     `{"status":"exception","error":{"type":"E","line":1,"line":2}}` + "\nnull",
		"a type in capitals":        `{"status":"exception","error":{"Type":"E"}}` + "\nnull",
		"a bracket after the head":  `{"status":"ok"}]` + "\nnull",
		"a head that is not UTF-8":  "{\"status\":\"exception\",\"error\":{\"type\":\"\xff\"}}\nnull",
	} {
		if _, err := protocol.DecodeResult([]byte(payload)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDecodeFileTakesNoPathThatLeadsElsewhere(t *testing.T) {
	file, err := protocol.DecodeFile([]byte("{\"path\":\"out/\u00fc b.txt\"}\nline\n\xff"))
	if err != nil || file.Path != "out/\u00fc b.txt" || string(file.Content) != "line\n\xff" {
		t.Fatalf("%+v, %v", file, err)
	}
	for name, payload := range map[string]string{
		"no head line":        `{"path":"a"}`,
		"no path":             "{}\n",
		"an unknown field":    `{"path":"a","mode":511}` + "\n",
		"an absolute path":    `{"path":"/etc/passwd"}` + "\n",
		"a way up":            `{"path":"a/../../b"}` + "\n",
		"only a way up":       `{"path":".."}` + "\n",
		"the directory":       `{"path":"."}` + "\n",
		"an empty part":       `{"path":"a//b"}` + "\n",
		"a slash at the end":  `{"path":"a/"}` + "\n",
		"NUL":                 `{"path":"a\u0000b"}` + "\n",
		"a line break":        `{"path":"a\nb"}` + "\n",
		"a backslash":         `{"path":"..\\b"}` + "\n",
		"another drive":       `{"path":"C:/Users/Public/x.py"}` + "\n",
		"a name too long":     `{"path":"a/` + strings.Repeat("x", 256) + `"}` + "\n",
		"a device":            `{"path":"a/nul.txt"}` + "\n",
		"a dot at the end":    `{"path":"a./b"}` + "\n",
		"text from the right": `{"path":"\u202egpj.exe"}` + "\n",
		"two paths":           `{"path":"a","path":"b"}` + "\n",
		"a path in capitals":  `{"Path":"a"}` + "\n",
		"bytes after it":      `{"path":"a"}}` + "\n",
		"no UTF-8":            "{\"path\":\"a\xff\"}\n",
		"over its cap":        `{"path":"` + strings.Repeat("a/", protocol.MaxPathBytes/2) + `a"}` + "\n",
	} {
		if file, err := protocol.DecodeFile([]byte(payload)); err == nil {
			t.Errorf("%s: accepted as %q", name, file.Path)
		}
	}
}

// The worker's tests read the same table.
func TestNamesThatMeanSomethingElseElsewhereAreRefused(t *testing.T) {
	text, err := os.ReadFile("testdata/names.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Name, Sent string }
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, path := range []string{row.Name, "a/" + row.Name + "/b"} {
			if err := protocol.CheckPortablePath(path); (err == nil) != (row.Name == row.Sent) {
				t.Errorf("%q: %v", path, err)
			}
		}
		if err := protocol.CheckPortablePath(row.Sent); err != nil {
			t.Errorf("%q, as the worker sends it: %v", row.Sent, err)
		}
	}
}

func TestFoldPathIgnoresCaseAndNormalForm(t *testing.T) {
	for _, c := range []struct {
		one, other string
		same       bool
	}{
		{"A/B.txt", "a/b.TXT", true}, {"caf\u00e9", "cafe\u0301", true}, {"CAF\u00c9", "cafe\u0301", true}, {"\u212a", "k", true},
		{"ΣΑΣ", "σας", true}, {"a", "b", false}, {"i", "\u0131", false}, {"a/b", "a/bc", false},
	} {
		if same := protocol.FoldPath(c.one) == protocol.FoldPath(c.other); same != c.same {
			t.Errorf("%q and %q: %v", c.one, c.other, same)
		}
	}
}

// Frames from a cell may be hostile: no input may make the readers panic, read past
// their limit, or accept what they would not write themselves.
func FuzzReadFrame(f *testing.F) {
	for _, g := range goldenFrames(f) {
		f.Add(g.wire(f))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 9})
	f.Fuzz(func(t *testing.T, data []byte) {
		const maxBytes = 1 << 10
		kind, payload, err := protocol.ReadFrame(bytes.NewReader(data), maxBytes)
		if err != nil {
			return
		}
		if len(payload) > maxBytes {
			t.Fatalf("%d bytes, cap %d", len(payload), maxBytes)
		}
		again, err := protocol.AppendFrame(nil, kind, payload, maxBytes)
		if err != nil || !bytes.HasPrefix(data, again) {
			t.Fatalf("read %x, wrote %x, %v", data, again, err)
		}
		result, err := protocol.DecodeResult(payload)
		if err == nil && !bytes.HasSuffix(payload, result.Value) {
			t.Fatalf("value %q is not of payload %q", result.Value, payload)
		}
		if output, err := protocol.DecodeOutput(payload); err == nil {
			size := len(output.Metadata)
			for _, part := range output.Parts {
				size += len(part.Data)
			}
			if head, _, _ := bytes.Cut(payload, []byte{'\n'}); size+len(head)+1 != len(payload) {
				t.Fatalf("the parts %+v are not all of %q", output, payload)
			}
		}
		if file, err := protocol.DecodeFile(payload); err == nil && !fs.ValidPath(file.Path) {
			t.Fatalf("path %q", file.Path)
		}
		if done, err := protocol.DecodeDone(payload); err == nil {
			for _, file := range done.Files {
				if !fs.ValidPath(file.Path) || file.Bytes < 0 {
					t.Fatalf("file %+v", file)
				}
			}
		}
	})
}
