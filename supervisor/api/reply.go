package api

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// Reply is the answer to a script that was run. It holds the jail's output once, as it
// came, and encodes it piece by piece while writing.
type Reply struct {
	ID      string
	Verdict nsjail.Verdict
	Timing  Timing
}

// NewReply checks that the result and what the script showed, which are whatever the
// cell sent, are JSON. Our worker sends nothing else. If they are not, the script has taken over the worker: the
// answer then says that the cell was killed, as for any other forged frame.
func NewReply(id string, v nsjail.Verdict, timing Timing) *Reply {
	if len(v.Result) > 0 {
		if !isResult(v.Result) {
			forged(&v, "what came out of the jail as a result is not JSON")
		}
		// The result is JSON, so line breaks are only between tokens. In a stream
		// each event must be one line.
		blankLines(v.Result)
	}
	for _, output := range v.Outputs {
		if !CheckOutput(output) {
			forged(&v, "what came out of the jail as an output has JSON that is none")
			break
		}
	}
	return &Reply{ID: id, Verdict: v, Timing: timing}
}

// forged changes a verdict to that of a cell whose frames are not our worker's.
func forged(v *nsjail.Verdict, message string) {
	v.Status, v.Signal, v.Limit, v.Result, v.Outputs = protocol.StatusKilled, "SIGKILL", "", nil, nil
	v.Error = &protocol.ScriptError{Type: "ProtocolError", Message: message}
}

// isResult reports whether the text is a result as our worker encodes it: one JSON
// value, not nested too deep, and without lone surrogates, which JSON readers treat
// differently.
func isResult(text []byte) bool {
	reader := jsonscan.NewReader(text)
	_, depth := reader.Skip()
	return reader.End() == nil && depth <= protocol.MaxResultDepth && reader.LoneSurrogate() < 0
}

// blankLines replaces line feeds and carriage returns by spaces.
func blankLines(text []byte) {
	for _, end := range []byte("\n\r") {
		for rest := text; ; {
			at := bytes.IndexByte(rest, end)
			if at < 0 {
				break
			}
			rest[at] = ' '
			rest = rest[at+1:]
		}
	}
}

// Write writes the answer. Every field is always present.
func (r *Reply) Write(w *jsonwriter.Writer) {
	v := &r.Verdict
	ending := EndingOf(v)
	field := func(name string, value any) {
		w.RawString(name)
		w.Value(value)
	}
	field(`{"id":`, r.ID)
	field(`,"status":`, ending.Status)
	w.RawString(`,"result":`)
	if len(v.Result) > 0 {
		w.Raw(v.Result)
	} else {
		w.RawString("null")
	}
	w.RawString(`,"stdout":`)
	w.Text(v.Stdout)
	w.RawString(`,"stderr":`)
	w.Text(v.Stderr)
	field(`,"truncated":`, truncated{Stdout: v.StdoutTruncated, Stderr: v.StderrTruncated})
	field(`,"error":`, v.Error)
	field(`,"exit_code":`, ending.ExitCode)
	field(`,"signal":`, ending.Signal)
	field(`,"limit":`, ending.Limit)
	w.RawString(`,"files":[`)
	for i, file := range v.Files {
		if i > 0 {
			w.RawString(",")
		}
		field(`{"path":`, file.Path)
		field(`,"size":`, len(file.Content))
		w.RawString(`,"content":`)
		encoding := encodingText
		if utf8.Valid(file.Content) {
			w.Text(file.Content)
		} else {
			w.Base64(file.Content)
			encoding = encodingBase64
		}
		field(`,"encoding":`, encoding)
		w.RawString("}")
	}
	w.RawString(`],"outputs":[`)
	for i, output := range v.Outputs {
		if i > 0 {
			w.RawString(",")
		}
		WriteOutput(w, output)
	}
	field(`],"usage":`, UsageOf(v))
	field(`,"timing":`, r.Timing)
	w.RawString("}")
}

// Encode returns the answer.
func (r *Reply) Encode() []byte {
	var text bytes.Buffer
	w := jsonwriter.New(&text)
	r.Write(w)
	_ = w.Close() // which a buffer does not fail
	return text.Bytes()
}

// Refusal returns the problem for a script that does not compile or defines no main,
// or nil.
func (r *Reply) Refusal() *Problem {
	v := &r.Verdict
	var p *Problem
	switch v.Status {
	case protocol.StatusSyntaxError:
		p = Refuse(CodeSyntaxError, "the script does not compile")
	case protocol.StatusNoMain:
		p = Refuse(CodeNoMain, "the script ran but defines no callable named main")
		p.printed = &printed{stdout: v.Stdout, stderr: v.Stderr}
	default:
		return nil
	}
	if v.Error != nil {
		p.Detail = v.Error.Message
		p.Err = ProblemError{Type: v.Error.Type, Message: v.Error.Message, Line: v.Error.Line, Column: v.Error.Column, Text: v.Error.Text}
	}
	return p
}

// Statuses returns the statuses that an answer may have. A script with any other status
// is refused.
func Statuses() []protocol.Status {
	return slices.DeleteFunc(slices.Clone(protocol.Statuses), func(s protocol.Status) bool {
		return (&Reply{Verdict: nsjail.Verdict{Status: s}}).Refusal() != nil
	})
}

// printed is the output of a script that was refused afterwards.
type printed struct{ stdout, stderr []byte }
