package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// MaxDepth is how deeply arrays and objects may be nested in a text, as in encoding/json.
const MaxDepth = 10_000

// nesting records for each open container whether it is an object.
type nesting struct {
	depth  int
	object [MaxDepth/64 + 1]uint64
}

func (n *nesting) push(object bool) {
	word, bit := n.depth/64, uint64(1)<<(n.depth%64)
	if object {
		n.object[word] |= bit
	} else {
		n.object[word] &^= bit
	}
	n.depth++
}

func (n *nesting) inObject() bool {
	top := n.depth - 1
	return n.object[top/64]>>(top%64)&1 == 1
}

// value scans the value at r.at and returns how deeply its containers are nested, 0 for a
// value that is not a container. It does not recurse, so a hostile text cannot grow the
// stack.
func (r *Reader) value() (deepest int) {
	text, i := r.text, r.at
	n := &r.nesting
	base := n.depth
	object := base > 0 && n.inObject()
	for {
		i = space(text, i)
		if i >= len(text) {
			return r.fail(len(text), endOfInput)
		}
		switch c := text[i]; {
		case c == '"':
			if i = r.string(i); i < 0 {
				return 0
			}
		case c == '{' || c == '[':
			if n.depth >= r.maxDepth {
				return r.fail(i, "exceeded max depth")
			}
			object = c == '{'
			n.push(object)
			deepest = max(deepest, n.depth-base)
			i = space(text, i+1)
			if i < len(text) && text[i] == c+2 { // ASCII has '}' and ']' two after '{' and '['
				n.depth--
				object = n.depth > base && n.inObject()
				i++
				break
			}
			if object {
				if i = r.name(i); i < 0 {
					return 0
				}
			}
			continue
		case c-'1' < 9: // most numbers are whole
			if i = digits(text, i+1); i < len(text) && (text[i] == '.' || text[i]|0x20 == 'e') {
				if i = r.fraction(i); i < 0 {
					return 0
				}
			}
		case c == '-' || c == '0':
			if i = r.number(i); i < 0 {
				return 0
			}
		default:
			if i = r.literal(i); i < 0 {
				return 0
			}
		}
		// A value has ended; so do the containers that close here.
		for next := false; !next; {
			if n.depth == base {
				r.at = i
				return deepest
			}
			i = space(text, i)
			switch {
			case i >= len(text):
				return r.fail(len(text), endOfInput)
			case text[i] == ',':
				i++
				if object {
					if i = r.name(space(text, i)); i < 0 {
						return 0
					}
				}
				next = true
			case object && text[i] == '}', !object && text[i] == ']':
				n.depth--
				object = n.depth > base && n.inObject()
				i++
			default:
				return r.failAt(i, after(object))
			}
		}
	}
}

func after(object bool) string {
	if object {
		return "after object key:value pair"
	}
	return "after array element"
}

// name scans a member's name and the colon, and returns what comes after them; -1
// after an error.
func (r *Reader) name(i int) int {
	if i = r.quoted(i); i < 0 {
		return -1
	}
	return r.colon(i)
}

// quoted scans a name.
func (r *Reader) quoted(i int) int {
	if i >= len(r.text) {
		return r.fail(len(r.text), endOfInput) - 1
	}
	if r.text[i] != '"' {
		return r.failAt(i, "looking for beginning of object key string") - 1
	}
	return r.string(i)
}

func (r *Reader) colon(i int) int {
	i = space(r.text, i)
	if i >= len(r.text) {
		return r.fail(len(r.text), endOfInput) - 1
	}
	if r.text[i] != ':' {
		return r.failAt(i, "after object key") - 1
	}
	return i + 1
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
		i++
	}
	return i
}

const ones = 0x0101010101010101

// special finds the first byte from i on that cannot stand for itself in a
// string: a quote, a backslash or a control character. It looks at eight bytes at
// a time; of the bytes that the arithmetic marks the lowest is always right.
func special(text []byte, i int) int {
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		quote, escape := x^('"'*ones), x^('\\'*ones)
		found := ((x-0x20*ones)&^x | (quote-ones)&^quote | (escape-ones)&^escape) & (0x80 * ones)
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) && text[i] >= 0x20 && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}

// string scans the string that begins at i with its quote, and returns what comes
// after it; -1 after an error.
func (r *Reader) string(i int) int {
	text := r.text
	i++
	for {
		i = special(text, i)
		if i >= len(text) {
			return r.fail(len(text), endOfInput) - 1
		}
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			if i = r.escape(i); i < 0 {
				return -1
			}
		default:
			return r.failAt(i, "in string literal") - 1
		}
	}
}

func (r *Reader) escape(i int) int {
	text := r.text
	if i+1 >= len(text) {
		return r.fail(len(text), endOfInput) - 1
	}
	switch text[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return r.failAt(i+1, "in string escape code") - 1
	}
	unit, bad := hex4(text, i+2)
	if bad >= len(text) {
		return r.fail(len(text), endOfInput) - 1
	} else if bad >= 0 {
		return r.failAt(bad, `in \u hexadecimal character escape`) - 1
	}
	if !surrogate(unit) {
		return i + 6
	}
	if unit < lowSurrogates && i+7 < len(text) && text[i+6] == '\\' && text[i+7] == 'u' {
		if low, bad := hex4(text, i+8); bad < 0 && surrogate(low) && low >= lowSurrogates {
			return i + 12
		}
	}
	if r.lone < 0 {
		r.lone = i
	}
	return i + 6
}

const lowSurrogates = 0xdc00 // and below them, from 0xd800, the high ones

func surrogate(unit uint16) bool { return unit&0xf800 == 0xd800 }

// hex4 reads four hexadecimal digits; bad is the first byte that is none, or -1.
func hex4(text []byte, i int) (unit uint16, bad int) {
	for end := i + 4; i < end; i++ {
		if i >= len(text) {
			return 0, i
		}
		c := text[i]
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, i
		}
		unit = unit<<4 | uint16(c)
	}
	return unit, -1
}

func digits(text []byte, i int) int {
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return i
}

func (r *Reader) number(i int) int {
	text := r.text
	if text[i] == '-' {
		i++
	}
	from := i
	i = digits(text, i)
	if i > from+1 && text[from] == '0' {
		i = from + 1 // an error that the caller finds
	} else if i == from {
		return r.failDigit(i, "in numeric literal")
	}
	return r.fraction(i)
}

// fraction scans what may come after a number's whole part.
func (r *Reader) fraction(i int) int {
	text, from := r.text, 0
	if i < len(text) && text[i] == '.' {
		from = i + 1
		if i = digits(text, from); i == from {
			return r.failDigit(i, "after decimal point in numeric literal")
		}
	}
	if i < len(text) && text[i]|0x20 == 'e' {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		from = i
		if i = digits(text, from); i == from {
			return r.failDigit(i, "in exponent of numeric literal")
		}
	}
	return i
}

func (r *Reader) failDigit(at int, where string) int {
	if at >= len(r.text) {
		return r.fail(len(r.text), endOfInput) - 1
	}
	return r.failAt(at, where) - 1
}

func (r *Reader) literal(i int) int {
	want := ""
	switch r.text[i] {
	case 't':
		want = "true"
	case 'f':
		want = "false"
	case 'n':
		want = "null"
	default:
		return r.failAt(i, "looking for beginning of value") - 1
	}
	for at := 1; at < len(want); at++ {
		if i+at >= len(r.text) {
			return r.fail(len(r.text), endOfInput) - 1
		}
		if r.text[i+at] != want[at] {
			return r.failAt(i+at, "in literal "+want) - 1
		}
	}
	return i + len(want)
}
