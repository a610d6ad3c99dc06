package e2b

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/hotcell/hotcell/client"
)

// names are E2B's for MIME types. Others go into extra.
var names = map[string]string{
	"text/plain": "text", "text/html": "html", "text/markdown": "markdown", "text/latex": "latex", "image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpeg",
	"application/pdf": "pdf", "application/json": "json", "application/javascript": "javascript", "e2b/data": "data", "e2b/chart": "chart",
}

// result is the event for something that code has shown. value is the last expression's
// as JSON, if that was it.
func result(shown *client.Output, value json.RawMessage) event {
	told, extra := event{"type": "result", "is_main_result": shown.Kind == "result"}, event{}
	for kind, data := range shown.Data {
		if name := names[kind]; name != "" {
			told[name] = data
		} else {
			extra[kind] = data
		}
	}
	told["extra"] = extra
	var text string
	if json.Unmarshal(shown.Data["text/plain"], &text) == nil {
		told["text"] = unquoted(text)
	}
	if _, has := told["data"]; !has && shown.Data["text/html"] != nil {
		if columns := columns(value); columns != nil {
			told["data"] = columns
		}
	}
	return told
}

// unquoted takes the quotes from the repr of a str, as E2B does.
func unquoted(text string) string {
	for _, quote := range []string{"'", `"`} {
		if len(text) > 1 && strings.HasPrefix(text, quote) && strings.HasSuffix(text, quote) {
			return text[1 : len(text)-1]
		}
	}
	return text
}

const maxRows = 256 << 10 // bytes of a data frame whose columns are told

// columns returns the columns of a data frame, whose JSON is a list of its rows; nil: it
// is no such list.
func columns(rows json.RawMessage) map[string][]json.RawMessage {
	items := json.NewDecoder(bytes.NewReader(rows)) // one at a time: many small ones take many times their size
	if start, err := items.Token(); len(rows) > maxRows || err != nil || start != json.Delim('[') || !items.More() {
		return nil
	}
	columns := make(map[string][]json.RawMessage)
	var record map[string]json.RawMessage
	for i := 0; items.More(); i++ {
		clear(record)
		if items.Decode(&record) != nil {
			return nil
		}
		for name, value := range record {
			if len(columns[name]) != i {
				return nil
			}
			columns[name] = append(columns[name], value)
		}
	}
	return columns
}

// lastPart returns a class's own name: the SDK's users compare that.
func lastPart(name string) string { return name[strings.LastIndex(name, ".")+1:] }
