package jsonscan

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// An Error says why a text is not JSON.
type Error struct {
	Offset int // of the byte that is wrong, or the length of the text where it ends too soon
	What   string
}

func (e *Error) Error() string { return fmt.Sprintf("offset %d: %s", e.Offset, e.What) }

const endOfInput = "unexpected end of JSON input"

// A Reader reads one JSON value. Each method reads one value, or the rest of it. After
// an error they do nothing, so it is enough to check [Reader.End] once. What they return
// aliases the text unless stated otherwise.
type Reader struct {
	text     []byte
	at       int
	maxDepth int
	nesting  nesting
	lone     int // offset of the first lone surrogate, or -1
	err      *Error
}

// NewReader returns a reader of the text. It checks that the text is valid UTF-8 without
// a byte order mark.
func NewReader(text []byte) *Reader { return newReader(text, MaxDepth) }

func newReader(text []byte, maxDepth int) *Reader {
	r := &Reader{text: text, maxDepth: maxDepth, lone: -1}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		r.fail(0, "a byte order mark; JSON has none")
	} else if at := invalidUTF8(text); at >= 0 {
		r.fail(at, "not valid UTF-8")
	}
	return r
}

// Check reports as an [*Error] why text is not exactly one JSON value whose arrays
// and objects are nested at most maxDepth deep; nil if it is.
func Check(text []byte, maxDepth int) error {
	r := newReader(text, min(maxDepth, MaxDepth))
	r.Skip()
	return r.End()
}

// fail keeps the first error. It returns 0 for its callers to return.
func (r *Reader) fail(at int, what string) int {
	if r.err == nil {
		r.err = &Error{Offset: at, What: what}
	}
	r.at = len(r.text)
	return 0
}

func (r *Reader) failAt(at int, where string) int {
	c, _ := utf8.DecodeRune(r.text[at:])
	shown := strconv.QuoteRune(c)
	if c == '"' {
		shown = `'"'`
	}
	return r.fail(at, "invalid character "+shown+" "+where)
}

// End reports as an [*Error] why the text is not exactly the one value that was
// read; nil if it is.
func (r *Reader) End() error {
	if r.err == nil {
		if r.at = space(r.text, r.at); r.at < len(r.text) {
			r.failAt(r.at, "after top-level value")
		}
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// LoneSurrogate returns the offset of the first escape read so far that is a lone
// surrogate, or -1 if there is none. Such a text is JSON, but its meaning is up to the
// reader: see section 8.2 of RFC 8259.
func (r *Reader) LoneSurrogate() int { return r.lone }

// Kind is what a value is: its first byte, with '0' for all numbers, 't' for
// true and false.
type Kind byte

// The kinds.
const (
	Invalid Kind = 0
	Object  Kind = '{'
	Array   Kind = '['
	String  Kind = '"'
	Number  Kind = '0'
	Boolean Kind = 't'
	Null    Kind = 'n'
)

// String is a kind's name in a sentence, "an object".
func (k Kind) String() string {
	switch k {
	case Object:
		return "an object"
	case Array:
		return "an array"
	case String:
		return "a string"
	case Number:
		return "a number"
	case Boolean:
		return "a boolean"
	case Null:
		return "null"
	default:
		return "no JSON"
	}
}

func kindOf(c byte) Kind {
	switch {
	case c == '-' || c-'0' <= 9:
		return Number
	case c == 't' || c == 'f':
		return Boolean
	case c == '{' || c == '[' || c == '"' || c == 'n':
		return Kind(c)
	default:
		return Invalid
	}
}

// Kind looks at the value that comes next, and does not read it.
func (r *Reader) Kind() Kind {
	r.at = space(r.text, r.at)
	if r.err != nil || r.at >= len(r.text) {
		return Invalid
	}
	return kindOf(r.text[r.at])
}

// Offset is where in the text the reader is.
func (r *Reader) Offset() int { return r.at }

// Skip reads any value, and returns its text and how deep its arrays and objects
// are nested.
func (r *Reader) Skip() (value []byte, depth int) {
	if r.err != nil {
		return nil, 0
	}
	r.at = space(r.text, r.at)
	from := r.at
	depth = r.value()
	if r.err != nil {
		return nil, 0
	}
	return r.text[from:r.at:r.at], depth
}

// Whole is the text of the one value that read reads.
func (r *Reader) Whole(read func()) []byte {
	r.at = space(r.text, r.at)
	from := r.at
	if read(); r.at == from {
		r.Skip()
	}
	if r.err != nil {
		return nil
	}
	return r.text[from:r.at:r.at]
}

// Text reads any value, and returns a copy of what it holds if it is a string. A
// lone surrogate in it becomes U+FFFD.
func (r *Reader) Text() string {
	value, _ := r.Skip()
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	return Unquote(value)
}

// Object reads any value; if it is an object, it calls member for each of its
// members. member reads the value, or leaves it to be skipped.
func (r *Reader) Object(member func(Name)) {
	if r.open('{') {
		return
	}
	for r.err == nil {
		r.at = space(r.text, r.at)
		from := r.at
		to := r.quoted(from)
		if to < 0 {
			return
		}
		i := r.colon(to)
		if i < 0 {
			return
		}
		r.at = space(r.text, i)
		before := r.at
		member(Name{quoted: r.text[from:to:to], offset: from})
		if r.at == before {
			r.Skip()
		}
		if r.next('}') {
			return
		}
	}
}

// Array reads any value; if it is an array, it calls item for each of its items,
// with its number from 0. item reads the value, or leaves it to be skipped.
func (r *Reader) Array(item func(int)) {
	if r.open('[') {
		return
	}
	for n := 0; r.err == nil; n++ {
		r.at = space(r.text, r.at)
		before := r.at
		item(n)
		if r.at == before {
			r.Skip()
		}
		if r.next(']') {
			return
		}
	}
}

// open goes into a container; it reports whether there is nothing in it to read,
// which goes for any other value, too.
func (r *Reader) open(brace byte) bool {
	if r.Kind() != Kind(brace) {
		r.Skip()
		return true
	}
	if r.nesting.depth >= r.maxDepth {
		r.fail(r.at, "exceeded max depth")
		return true
	}
	r.nesting.push(brace == '{')
	r.at = space(r.text, r.at+1)
	if r.at < len(r.text) && r.text[r.at] == brace+2 {
		r.at++
		r.nesting.depth--
		return true
	}
	return false
}

// next goes on after a member or an item; it reports whether it was the last.
func (r *Reader) next(end byte) bool {
	if r.err != nil {
		return true
	}
	r.at = space(r.text, r.at)
	switch {
	case r.at >= len(r.text):
		r.fail(len(r.text), endOfInput)
	case r.text[r.at] == ',':
		r.at++
		return false
	case r.text[r.at] == end:
		r.at++
		r.nesting.depth--
	default:
		r.failAt(r.at, after(end == '}'))
	}
	return true
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; ; {
		c, n := utf8.DecodeRune(text[at:])
		if c == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
}
