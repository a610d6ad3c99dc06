package batchfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hotcell/hotcell/client"
)

// maxLine bounds a line of a file of cases, in bytes.
const maxLine = 64 << 20

// LineError says which line of the cases is wrong.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong with the line.
func (e *LineError) Unwrap() error { return e.Err }

// Case is one line of a file.
type Case struct {
	client.BatchCase
	Line int // from 1
	text []byte
}

// Cases reads a file of cases: an object of JSON a line. Empty lines do not count.
type Cases struct {
	in   *bufio.Reader
	line int
}

// NewCases returns a reader of cases.
func NewCases(in io.Reader) *Cases { return &Cases{in: bufio.NewReaderSize(in, 64<<10)} }

// Next returns the next case, or [io.EOF]. Another error is a [LineError], or that of the
// file.
func (c *Cases) Next() (Case, error) {
	for {
		text, err := c.read()
		if err != nil {
			return Case{}, err
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		one := Case{Line: c.line, text: text}
		if one.BatchCase, err = decode(text); err != nil {
			return Case{}, &LineError{c.line, err}
		}
		return one, nil
	}
}

// read returns the next line.
func (c *Cases) read() ([]byte, error) {
	c.line++
	var text []byte
	for {
		part, err := c.in.ReadSlice('\n')
		if len(text)+len(part) > maxLine {
			return nil, &LineError{c.line, fmt.Errorf("a case has more than %d MiB", maxLine>>20)}
		}
		text = append(text, part...)
		switch {
		case err == nil, err == io.EOF && len(text) > 0:
			return text, nil
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

// decode reads a case strictly. Numbers keep all their digits.
func decode(text []byte) (one client.BatchCase, err error) {
	if text[0] != '{' {
		return one, fmt.Errorf("a case must be an object of JSON, such as {\"stdin\": \"…\"}, not %.40q", text)
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	in.UseNumber()
	if err = in.Decode(&one); err == nil {
		if _, more := in.Token(); more != io.EOF {
			err = errors.New("there is something after the object: a line holds one case")
		}
		return one, err
	}
	var kind *json.UnmarshalTypeError
	switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case unknown:
		err = fmt.Errorf("unknown field %s: use args, kwargs, stdin, files and expected_stdout", name)
	case errors.As(err, &kind):
		err = fmt.Errorf("%s: a %s must not stand there", kind.Field, kind.Value)
	default:
		err = fmt.Errorf("invalid JSON: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return one, err
}
