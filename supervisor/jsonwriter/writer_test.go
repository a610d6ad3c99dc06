package jsonwriter_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// sink records the sizes of the writes.
type sink struct {
	bytes.Buffer
	largest int
	left    int // until it fails; 0: it never fails
}

func (s *sink) Write(p []byte) (int, error) {
	s.largest = max(s.largest, len(p))
	if s.left > 0 {
		if s.left -= len(p); s.left <= 0 {
			return 0, errors.New("gone")
		}
	}
	return s.Buffer.Write(p)
}

func written(t testing.TB, write func(*jsonwriter.Writer)) string {
	t.Helper()
	out := new(sink)
	w := jsonwriter.New(out)
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if size := jsonwriter.Size(write); size != int64(out.Len()) {
		t.Errorf("%d bytes are written, and %d are announced", out.Len(), size)
	}
	if out.largest > jsonwriter.PieceBytes {
		t.Errorf("%d bytes at a time", out.largest)
	}
	return out.String()
}

func TestTextIsEncodedAsByEncodingJSON(t *testing.T) {
	for _, text := range []string{
		"", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f", "<&>", "Übergröße 😀\u2028\u2029\u0085", strings.Repeat("x", 100_000) + "\n", strings.Repeat("\x01", 70_000), strings.Repeat("é", 50_001),
	} {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
		if got := written(t, func(w *jsonwriter.Writer) { w.Text([]byte(text)) }); got != strings.TrimSuffix(want.String(), "\n") {
			t.Errorf("%.50q: %.100s", text, got)
		}
	}
}

func FuzzTextIsThatOfEncodingJSON(f *testing.F) {
	f.Add([]byte("a\xff\xc3b\u2028\"\\\x1f éééééééé\xe2\x80"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := written(t, func(w *jsonwriter.Writer) { w.Text(text) })
		encoded, err := json.Marshal(string(text))
		if err != nil {
			t.Fatal(err)
		}
		var a, b string
		if json.Unmarshal(encoded, &a) != nil || json.Unmarshal([]byte(got), &b) != nil || a != b {
			t.Fatalf("%q: %s, want %s", text, got, encoded)
		}
	})
}

func TestBytesAreWrittenInBase64(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 3071, 3072, 3073, 100_000} {
		data := bytes.Repeat([]byte{0xff, 1, 0x80}, n)[:n]
		if got := written(t, func(w *jsonwriter.Writer) { w.Base64(data) }); got != `"`+base64.StdEncoding.EncodeToString(data)+`"` {
			t.Errorf("of %d bytes: %.50s", n, got)
		}
	}
}

func TestPartsComeInOrder(t *testing.T) {
	long := bytes.Repeat([]byte("0"), 200_000)
	got := written(t, func(w *jsonwriter.Writer) {
		w.RawString("[1")
		w.Raw(long)
		w.RawString(",")
		w.Value(map[string]string{"a": "<b>"})
		w.RawString("]")
	})
	if want := "[1" + string(long) + `,{"a":"<b>"}]`; got != want {
		t.Errorf("%.20s … %s", got, got[len(got)-20:])
	}
}

func TestNothingIsWrittenAfterAnError(t *testing.T) {
	out := &sink{left: 100_000}
	w := jsonwriter.New(out)
	w.Raw(make([]byte, 1_000_000))
	w.Text(make([]byte, 1_000_000))
	w.Base64(make([]byte, 1_000_000))
	if err := w.Close(); err == nil || out.Len() > 100_000 {
		t.Errorf("%v after %d bytes", err, out.Len())
	}
}

func TestNothingIsAllocatedForEachPiece(t *testing.T) {
	data := bytes.Repeat([]byte("a\n\xff"), 1<<20)
	allocated := testing.AllocsPerRun(3, func() {
		w := jsonwriter.New(new(discard))
		w.Text(data)
		w.Base64(data)
		w.Raw(data)
		_ = w.Close()
	})
	if allocated > 20 {
		t.Errorf("%v allocations", allocated)
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
