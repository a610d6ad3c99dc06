package supervisor

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// checkObject says what keeps body from being one JSON object, with line and
// column; nil if nothing does.
func checkObject(body []byte) *Problem {
	fail := func(offset int, what string) *Problem {
		line, column := position(body, offset)
		return refuse(CodeInvalidJSON, "line %d, column %d: %s", line, column, what)
	}
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return fail(0, "a byte order mark; JSON has none")
	}
	if offset := invalidUTF8(body); offset >= 0 {
		return fail(offset, "not valid UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		offset := len(body)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && !strings.HasPrefix(err.Error(), "unexpected end") {
			offset = int(syntax.Offset) - 1 // it counts the byte that is wrong
		}
		return fail(offset, err.Error())
	}
	if kind := kindOf(whole); kind != "an object" {
		return fail(bytes.Index(body, whole), "the body is "+kind+", and must be an object")
	}
	return nil
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; ; {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n == 1 {
			return at
		}
		at += n
	}
}

// position tells line and column, in characters, both from 1.
func position(text []byte, offset int) (line, column int) {
	before := text[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:])
}

// kindOf names the kind of a valid JSON value.
func kindOf(value json.RawMessage) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

// eachMember calls member for every name and value of a valid JSON object, in
// its order, duplicates included, which a map would swallow.
func eachMember(object json.RawMessage, member func(name string, value json.RawMessage)) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token() // {
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		_ = decoder.Decode(&value) // valid, as the whole is
		member(name, value)
	}
}

// nesting is how deep arrays and objects stand within each other in a valid
// JSON value.
func nesting(value json.RawMessage) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[', c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']', c == '}':
			depth--
		}
	}
	return deepest
}

// pointer extends a JSON pointer (RFC 6901).
func pointer(to, name string) string {
	return to + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
