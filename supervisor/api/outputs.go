package api

import (
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// OutputJSONBytes returns how much of what a script showed [CheckOutput] reads.
func OutputJSONBytes(outputs ...protocol.Output) int {
	bytes := 0
	for _, output := range outputs {
		bytes += len(output.Metadata)
		for _, part := range output.Parts {
			if protocol.JSONType(part.Type) {
				bytes += len(part.Data)
			}
		}
	}
	return bytes
}

// CheckOutput reports whether all that should be JSON is. Then [WriteOutput] may write
// it. It replaces line breaks between tokens by spaces.
func CheckOutput(output protocol.Output) bool {
	if data := output.Metadata; len(data) > 0 && (data[0] != '{' || !isResult(data)) {
		return false
	}
	blankLines(output.Metadata)
	for _, part := range output.Parts {
		if protocol.JSONType(part.Type) {
			if !isResult(part.Data) {
				return false
			}
			blankLines(part.Data)
		}
	}
	return true
}

// WriteOutput writes something that a script showed.
func WriteOutput(w *jsonwriter.Writer, output protocol.Output) {
	w.RawString(`{"kind":`)
	w.Value(output.Kind)
	w.RawString(`,"data":{`)
	for i, part := range output.Parts {
		if i > 0 {
			w.RawString(",")
		}
		w.Value(part.Type)
		w.RawString(":")
		switch {
		case protocol.JSONType(part.Type):
			w.Raw(part.Data)
		case protocol.TextType(part.Type):
			w.Text(part.Data)
		default:
			w.Base64(part.Data)
		}
	}
	w.RawString(`},"metadata":`)
	if len(output.Metadata) > 0 {
		w.Raw(output.Metadata)
	} else {
		w.RawString("{}")
	}
	w.RawString("}")
}
