// Package jsonwriter writes JSON in small pieces from data that is held elsewhere. An
// answer of hundreds of megabytes needs only one buffer of [PieceBytes].
package jsonwriter

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"sync"
	"unicode/utf8"
)

// PieceBytes is the maximum size of one write.
const PieceBytes = 64 << 10

// direct is the size from which data is written directly rather than copied into the
// buffer.
const direct = 8 << 10

var buffers = sync.Pool{New: func() any { buffer := make([]byte, 0, PieceBytes); return &buffer }}

// A Writer writes the parts of a JSON text in the order in which its methods are called.
// It does not check that they form valid JSON. After an error it writes nothing more.
// The caller must call [Writer.Close].
type Writer struct {
	out    io.Writer // nil: only count
	buffer *[]byte
	size   int64
	err    error
}

// New returns a writer that writes to out in pieces of at most [PieceBytes].
func New(out io.Writer) *Writer {
	return &Writer{out: out, buffer: buffers.Get().(*[]byte)}
}

// Size returns how many bytes write writes.
func Size(write func(*Writer)) int64 {
	w := new(Writer)
	write(w)
	return w.size
}

// Close writes the rest of the buffer and returns the first error of the writer.
func (w *Writer) Close() error {
	w.flush()
	if w.buffer != nil {
		*w.buffer = (*w.buffer)[:0]
		buffers.Put(w.buffer)
		w.buffer = nil
	}
	return w.err
}

func (w *Writer) flush() {
	if w.err == nil && w.buffer != nil && len(*w.buffer) > 0 {
		_, w.err = w.out.Write(*w.buffer)
	}
	if w.buffer != nil {
		*w.buffer = (*w.buffer)[:0]
	}
}

// Raw writes data unchanged.
func (w *Writer) Raw(data []byte) {
	w.size += int64(len(data))
	if w.out == nil || w.err != nil {
		return
	}
	if len(data) < direct {
		if len(*w.buffer)+len(data) > PieceBytes {
			w.flush()
		}
		*w.buffer = append(*w.buffer, data...)
		return
	}
	w.flush()
	for len(data) > 0 && w.err == nil {
		n := min(len(data), PieceBytes)
		_, w.err = w.out.Write(data[:n])
		data = data[n:]
	}
}

// RawString writes text, of at most [PieceBytes], unchanged.
func (w *Writer) RawString(text string) {
	w.size += int64(len(text))
	if w.out == nil || w.err != nil {
		return
	}
	if len(*w.buffer)+len(text) > PieceBytes {
		w.flush()
	}
	*w.buffer = append(*w.buffer, text...)
}

// Value writes a small value as encoding/json does, but without escaping <, > and &. It
// panics if the value cannot be encoded.
func (w *Writer) Value(value any) {
	encoder := json.NewEncoder(trim{w})
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
}

// trim drops the line feed that an encoder appends.
type trim struct{ w *Writer }

func (t trim) Write(data []byte) (int, error) {
	t.w.Raw(data[:len(data)-1])
	return len(data), nil
}

// Base64 writes data as a string in padded base64.
func (w *Writer) Base64(data []byte) {
	w.RawString(`"`)
	if w.out == nil {
		w.size += int64(base64.StdEncoding.EncodedLen(len(data)))
	} else {
		for len(data) > 0 && w.err == nil {
			n := min(len(data), (PieceBytes-len(*w.buffer))/4*3) // a multiple of 3, but for the last
			*w.buffer = base64.StdEncoding.AppendEncode(*w.buffer, data[:n])
			w.size += int64(base64.StdEncoding.EncodedLen(n))
			if data = data[n:]; len(data) > 0 {
				w.flush()
			}
		}
	}
	w.RawString(`"`)
}

// escapes has the escape sequence of each byte below 0x80 that needs one.
var escapes = func() (table [utf8.RuneSelf]string) {
	const hex = "0123456789abcdef"
	for c := range 0x20 {
		table[c] = `\u00` + string(hex[c>>4]) + string(hex[c&15])
	}
	table['\b'], table['\t'], table['\n'], table['\f'], table['\r'] = `\b`, `\t`, `\n`, `\f`, `\r`
	table['"'], table['\\'] = `\"`, `\\`
	return
}()

// Text writes text as a string. As in encoding/json, invalid UTF-8 becomes U+FFFD, and
// Unicode's line separators are escaped because some readers treat them as line feeds.
func (w *Writer) Text(text []byte) {
	w.RawString(`"`)
	for len(text) > 0 && w.err == nil {
		n := plain(text)
		w.Raw(text[:n])
		text = text[n:]
		text = text[w.escaped(text):]
	}
	w.RawString(`"`)
}

// escaped writes the characters at the beginning of text that need escaping, and returns
// their size in bytes. It handles whole runs, because calling [Writer.RawString] for
// each would take most of the time.
func (w *Writer) escaped(text []byte) int {
	for i := 0; ; {
		if i == len(text) {
			return i
		}
		escape, size := escapeOf(text[i:])
		if size == 0 {
			return i
		}
		i += size
		w.size += int64(len(escape))
		if w.out == nil {
			continue
		}
		if len(*w.buffer)+len(escape) > PieceBytes {
			w.flush()
		}
		*w.buffer = append(*w.buffer, escape...)
	}
}

// escapeOf returns the escape sequence of the first character of text and the
// character's size in bytes. The size is 0 if it needs no escaping.
func escapeOf(text []byte) (escape string, size int) {
	if c := text[0]; c < utf8.RuneSelf {
		return escapes[c], min(1, len(escapes[c]))
	}
	c, size := utf8.DecodeRune(text)
	switch {
	case c == utf8.RuneError && size == 1:
		return "\ufffd", size
	case c == '\u2028':
		return `\u2028`, size
	case c == '\u2029':
		return `\u2029`, size
	}
	return "", 0
}

const ones = 0x0101010101010101

// plain returns how many bytes at the beginning of text need no escaping.
func plain(text []byte) int {
	i := 0
	for i < len(text) {
		for ; i+8 <= len(text); i += 8 {
			x := binary.LittleEndian.Uint64(text[i:])
			quote, escape := x^('"'*ones), x^('\\'*ones)
			if (x|(x-0x20*ones)&^x|(quote-ones)&^quote|(escape-ones)&^escape)&(0x80*ones) != 0 {
				break
			}
		}
		for end := min(i+8, len(text)); i < end; {
			if c := text[i]; c < utf8.RuneSelf {
				if escapes[c] != "" {
					return i
				}
				i++
				continue
			}
			c, size := utf8.DecodeRune(text[i:])
			if c == utf8.RuneError && size == 1 || c == '\u2028' || c == '\u2029' {
				return i
			}
			i += size
		}
	}
	return i
}
