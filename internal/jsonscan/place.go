package jsonscan

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Position returns the line and the column, in characters, of an offset in a text, both
// counted from 1.
func Position(text []byte, offset int) (line, column int) {
	before := text[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:])
}

// maxPart is how many bytes of a name a pointer contains, because a name can be as long
// as the text.
const maxPart = 200

// Append extends a JSON pointer (RFC 6901) by a name. It truncates a long name.
func Append(pointer, name string) string {
	if len(name) > maxPart {
		name = strings.ToValidUTF8(name[:maxPart], "") + "…"
	}
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return pointer + "/" + name
}

// maxParts is the maximum number of parts of a pointer; further ones are omitted.
const maxParts = 32

// Pointer returns the JSON pointer of the value or member that contains an offset of a
// valid text. It reads the text again up to there, so use it only for error messages.
func Pointer(text []byte, offset int) string {
	type container struct {
		object bool
		item   int // of an array: its number
		name   int // of an object: where the member's name stands; 0: there is none yet
	}
	var open []container
	named := false // a name has been read whose value is to come
	for i := 0; i <= offset && i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, container{object: text[i] == '{'})
			named = false
		case '}', ']':
			open = open[:len(open)-1]
		case ':':
			named = true
		case ',':
			named = false
			open[len(open)-1].item++
		case '"':
			if in := len(open) - 1; in >= 0 && open[in].object && !named {
				open[in].name = i
			}
			i += len(nameAt(text, i).quoted) - 1
		}
	}
	pointer := ""
	for _, c := range open[:min(len(open), maxParts)] {
		switch {
		case !c.object:
			pointer += "/" + strconv.Itoa(c.item)
		case c.name > 0:
			pointer = Append(pointer, nameAt(text, c.name).String())
		}
	}
	return pointer
}
