package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// MaxOutputs is how many OUTPUTs a script may send.
	MaxOutputs = 100
	// MaxOutputParts is how many types one OUTPUT may have.
	MaxOutputParts = 16
	// MaxOutputHeadBytes is the maximum header of an OUTPUT: MaxOutputParts types
	// and their sizes.
	MaxOutputHeadBytes = 4 << 10
)

// An OutputKind says why a script showed something.
type OutputKind string

// The kinds. Kinds are only added.
const (
	OutputResult  OutputKind = "result"  // it is the value of the last expression
	OutputDisplay OutputKind = "display" // the script called for it
)

// An Output is something that a script showed, in one form or several: a bundle of
// MIME types. On the wire it is a header in JSON, a newline, the data of each part in
// the order of their types, and the metadata.
type Output struct {
	Kind  OutputKind
	Parts []OutputPart // sorted by type, which each appears once
	// Metadata is an object in JSON, or empty. As with a result, nothing has checked
	// yet that it is JSON.
	Metadata []byte
}

// OutputPart is one form of an Output. Data is UTF-8 if the type is a [TextType], said
// to be JSON, which nothing has checked yet, if it is a [JSONType], and else any bytes.
type OutputPart struct {
	Type string
	Data []byte
}

// outputHead is the header of an OUTPUT.
type outputHead struct {
	Kind          OutputKind     `json:"kind"`
	Parts         map[string]int `json:"parts"` // types and the sizes of their data
	MetadataBytes int            `json:"metadata_bytes"`
}

// outputType is a MIME type as the worker writes it: RFC 6838, without capitals.
var outputType = regexp.MustCompile(`^[a-z]+/[a-z0-9][a-z0-9.+_-]*$`)

const maxOutputType = 100

// JSONType reports whether data of a MIME type is JSON.
func JSONType(mime string) bool {
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

// TextType reports whether data of a MIME type is text. What is neither text nor JSON
// is binary.
func TextType(mime string) bool {
	return strings.HasPrefix(mime, "text/") && !JSONType(mime) || strings.HasSuffix(mime, "+xml") ||
		slices.Contains([]string{"application/xml", "application/javascript", "application/x-latex"}, mime)
}

// DecodeOutput parses the payload of an OUTPUT from a cell, which the parts alias.
func DecodeOutput(payload []byte) (Output, error) {
	line, data, found := bytes.Cut(payload, []byte{'\n'})
	if !found || len(line) > MaxOutputHeadBytes {
		return Output{}, fmt.Errorf("decode OUTPUT: no header line of at most %d bytes", MaxOutputHeadBytes)
	}
	var head outputHead
	if err := DecodeMessage(TypeOutput, line, &head); err != nil {
		return Output{}, err
	}
	if head.Kind != OutputResult && head.Kind != OutputDisplay {
		return Output{}, fmt.Errorf("decode OUTPUT: unknown kind %.100q", head.Kind)
	}
	if len(head.Parts) == 0 || len(head.Parts) > MaxOutputParts {
		return Output{}, fmt.Errorf("decode OUTPUT: %d parts instead of 1 to %d", len(head.Parts), MaxOutputParts)
	}
	output := Output{Kind: head.Kind}
	var err error
	for _, mime := range slices.Sorted(maps.Keys(head.Parts)) {
		part := OutputPart{Type: mime}
		if part.Data, data, err = cutSize(data, head.Parts[mime]); err == nil {
			err = part.check()
		}
		if err != nil {
			return Output{}, fmt.Errorf("decode OUTPUT: part %.100q: %w", mime, err)
		}
		output.Parts = append(output.Parts, part)
	}
	if output.Metadata, data, err = cutSize(data, head.MetadataBytes); err != nil {
		return Output{}, fmt.Errorf("decode OUTPUT: metadata: %w", err)
	}
	if len(data) > 0 {
		return Output{}, fmt.Errorf("decode OUTPUT: %d bytes more than announced", len(data))
	}
	return output, nil
}

// check reports what is wrong with a part.
func (p OutputPart) check() error {
	if len(p.Type) > maxOutputType || !outputType.MatchString(p.Type) {
		return errors.New("not a MIME type")
	}
	if TextType(p.Type) && !utf8.Valid(p.Data) {
		return errors.New("invalid UTF-8")
	}
	return nil
}

// cutSize divides data after size bytes.
func cutSize(data []byte, size int) (first, rest []byte, err error) {
	if size < 0 || size > len(data) {
		return nil, nil, fmt.Errorf("announces %d bytes of %d", size, len(data))
	}
	return data[:size:size], data[size:], nil
}
