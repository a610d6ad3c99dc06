package batches

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/supervisor/api"
)

// firstBuffer is the size of a body's buffer at first. It doubles for what is larger.
const firstBuffer = 16 << 10

// Body reads the cases of a batch one by one. It finds where each ends, and leaves what
// is in it to [api.Batch.Case]. Errors are problems, or those of the source and of grow.
type Body struct {
	source io.Reader
	most   int                                                                // bytes of the largest case, and of all that comes before the first
	grow   func(more int64) error                                             // reserves memory for the buffer
	hold   func(ctx context.Context, bytes int64) (release func(), err error) // reserves memory for a case; nil: it is reserved
	member bool                                                               // the array is the last member of an object

	buffer []byte
	at     int // what comes before has been read
	cases  int // so far
	failed error
}

// OpenArray returns the cases of an array that is in memory.
func OpenArray(text []byte) *Body {
	return &Body{source: strings.NewReader(""), most: len(text) - 1, buffer: text[1:]}
}

// OpenStream reads what a body has before its cases, and returns it as an object. The
// cases are read when they are asked for.
func OpenStream(source io.Reader, most int64, grow func(more int64) error) (*Body, []byte, error) {
	b := &Body{source: source, most: int(most), grow: grow, member: true}
	end, err := b.head()
	if err != nil {
		return nil, nil, b.fail(err)
	}
	return b, append(slices.Clone(b.buffer[:end]), '}'), nil
}

// Next returns the text of the next case, which is valid until the next call, or io.EOF.
func (b *Body) Next() ([]byte, error) {
	if b.failed != nil {
		return nil, b.failed
	}
	text, err := b.next()
	if err == errLarge && b.at > 0 { // perhaps only for what was read before
		b.buffer, b.at = b.buffer[:copy(b.buffer, b.buffer[b.at:])], 0
		text, err = b.next()
	}
	if err != nil {
		b.failed = b.fail(err)
		return nil, b.failed
	}
	b.cases++
	return text, nil
}

// Keep returns a text that Next has returned, for as long as it is needed. The caller
// then calls release.
func (b *Body) Keep(ctx context.Context, text []byte) (kept []byte, release func(), err error) {
	if b.hold == nil { // the array is in memory
		return text, func() {}, nil
	}
	if release, err = b.hold(ctx, int64(len(text))); err != nil {
		return nil, nil, err
	}
	return slices.Clone(text), release, nil
}

// What can be wrong with a body, besides what is wrong within a case.
var (
	errEnds      = errors.New("the body ends too soon")
	errSeparator = errors.New("a comma or the end of the array is missing")
	errValue     = errors.New("a value is missing")
	errAfter     = errors.New("there is something after the end of the array")
	errObject    = errors.New("the body must be an object")
	errName      = errors.New("the name of a member is missing")
	errNoCases   = errors.New("cases is missing")
	errNoArray   = errors.New("must be an array")
	errLast      = errors.New(`cases must be the last member: what stands after it comes too late for the cases that have run`)
	errLarge     = errors.New("too large")
)

// fail turns an error of reading the body into the client's problem.
func (b *Body) fail(err error) error {
	switch {
	case err == errLarge:
		return api.Refuse(api.CodeTooLarge, "/cases/%d: a case, and what comes before the first one, may have at most %d bytes each", b.cases, b.most)
	case err == errNoCases:
		return api.Refuse(api.CodeInvalidRequest, "/cases: is missing")
	case err == errNoArray:
		return api.Refuse(api.CodeInvalidRequest, "/cases: must be an array")
	case err == errLast:
		return api.Refuse(api.CodeInvalidRequest, "%v", err)
	case err == errObject, err == errName:
		return api.Refuse(api.CodeInvalidJSON, "%v", err)
	case err == errEnds, err == errSeparator, err == errValue, err == errAfter:
		return api.Refuse(api.CodeInvalidJSON, "/cases/%d: %v", b.cases, err)
	default:
		return err
	}
}

// head returns the offset where what comes before the cases ends: after the member
// before them, or after the brace.
func (b *Body) head() (int, error) {
	at, err := b.expect(0, '{', errObject)
	for end := at; err == nil; {
		var from, to int
		if from, err = b.space(at); err != nil {
			return 0, err
		}
		if b.buffer[from] == '}' {
			return 0, errNoCases
		}
		if to, err = b.value(from); err != nil {
			return 0, err
		}
		name := string(b.buffer[from:to])
		if name[0] != '"' {
			return 0, errName
		}
		if at, err = b.expect(to, ':', errName); err != nil {
			return 0, err
		}
		if name == `"cases"` {
			if b.at, err = b.expect(at, '[', errNoArray); err == errNoArray {
				b.failed = b.fail(err)
				return b.value(at) // which is refused with the rest of the head
			}
			return end, err
		}
		if at, err = b.value(at); err != nil {
			return 0, err
		}
		end = at
		if at, err = b.space(at); err != nil {
			return 0, err
		}
		switch b.buffer[at] {
		case '}':
			return 0, errNoCases
		case ',':
			at++
		default:
			return 0, errSeparator
		}
	}
	return 0, err
}

func (b *Body) next() ([]byte, error) {
	b.drop()
	from, err := b.space(b.at)
	if err != nil {
		return nil, err
	}
	switch {
	case b.buffer[from] == ']':
		return nil, b.end(from + 1)
	case b.cases > 0 && b.buffer[from] != ',':
		return nil, errSeparator
	case b.cases > 0:
		if from, err = b.space(from + 1); err != nil {
			return nil, err
		}
	}
	to, err := b.value(from)
	if err != nil {
		return nil, err
	}
	b.at = to
	return b.buffer[from:to:to], nil
}

// end reads the end of the body: then net/http notices if the client hangs up.
func (b *Body) end(at int) error {
	if b.member {
		var err error
		if at, err = b.space(at); err != nil {
			return err
		}
		if b.buffer[at] == ',' {
			return errLast
		}
		if at, err = b.expect(at, '}', errAfter); err != nil {
			return err
		}
	}
	switch _, err := b.space(at); err {
	case nil:
		return errAfter
	case errEnds:
		return io.EOF
	default:
		return err
	}
}

// expect reads white space and the byte c, and returns the offset behind it.
func (b *Body) expect(at int, c byte, otherwise error) (int, error) {
	at, err := b.space(at)
	if err == nil && b.buffer[at] != c {
		err = otherwise
	}
	return at + 1, err
}

// space returns the offset of the next byte that is no white space.
func (b *Body) space(at int) (int, error) {
	for {
		for ; at < len(b.buffer); at++ {
			switch b.buffer[at] {
			case ' ', '\t', '\n', '\r':
			default:
				return at, nil
			}
		}
		if err := b.fill(); err != nil {
			return 0, err
		}
	}
}

// value returns the offset behind the value that begins at an offset, or behind what
// stands in its place.
func (b *Body) value(at int) (int, error) {
	at, err := b.space(at)
	if err != nil {
		return 0, err
	}
	from, depth, quoted, escaped := at, 0, false, false
	for {
		for ; at < len(b.buffer); at++ {
			switch c := b.buffer[at]; {
			case escaped:
				escaped = false
			case quoted && c == '\\':
				escaped = true
			case quoted && c != '"':
			case c == '"':
				if quoted = !quoted; !quoted && depth == 0 {
					return at + 1, nil
				}
			case c == '{' || c == '[':
				depth++
			case depth > 1 && (c == '}' || c == ']'):
				depth--
			case depth == 1 && (c == '}' || c == ']'):
				return at + 1, nil
			case depth == 0 && strings.IndexByte(",:]} \t\r\n", c) >= 0: // the end of a number or a literal
				if at == from {
					return 0, errValue
				}
				return at, nil
			}
		}
		if err := b.fill(); err != nil {
			return 0, err
		}
	}
}

// drop makes room for what comes next.
func (b *Body) drop() {
	if b.at == len(b.buffer) {
		b.buffer, b.at = b.buffer[:0], 0
		return
	}
	if b.grow != nil && b.at > 0 && b.at >= len(b.buffer)/2 {
		b.buffer, b.at = b.buffer[:copy(b.buffer, b.buffer[b.at:])], 0
	}
}

// fill reads more of the body.
func (b *Body) fill() error {
	if len(b.buffer) == cap(b.buffer) {
		larger := min(max(firstBuffer, 2*cap(b.buffer)), b.most)
		if larger <= cap(b.buffer) {
			if b.grow == nil {
				return errEnds
			}
			return errLarge
		}
		if err := b.grow(int64(larger - cap(b.buffer))); err != nil {
			return err
		}
		b.buffer = append(make([]byte, 0, larger), b.buffer...)
	}
	n, err := b.source.Read(b.buffer[len(b.buffer):cap(b.buffer)])
	b.buffer = b.buffer[:len(b.buffer)+n]
	switch {
	case n > 0:
		return nil
	case err == io.EOF:
		return errEnds
	case err != nil:
		return api.Incomplete(err)
	default:
		return nil
	}
}
