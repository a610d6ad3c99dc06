package mcp

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/client"
)

// What clients take: some cut a tool's answer at 25,000 tokens, and some refuse one of
// more than a megabyte.
const (
	longestText  = 20_000    // bytes of one text
	longestTexts = 60_000    // bytes of all of them
	mostData     = 700_000   // bytes of pictures and files that are no text; a third more in base64
	mostInAll    = 1_000_000 // bytes of all that is sent, as JSON
	spared       = 1_000     // of these, for what is always said
)

// reply collects what an assistant is shown: one text, and after it pictures and files.
type reply struct {
	text  strings.Builder
	left  int // bytes of text
	data  int // bytes of pictures and files
	room  int // bytes of JSON
	none  int // texts and files that are left out
	after []sdk.Content
}

// told converts an answer. A tool call succeeds if the code has run, but the assistant
// must notice if the code failed.
func told(a *client.Answer, err error) (*sdk.CallToolResult, any, error) {
	if err != nil {
		return nil, nil, err
	}
	r := &reply{left: longestTexts, data: mostData, room: mostInAll - spared}
	fmt.Fprintf(&r.text, "status: %s", a.Status)
	if a.Limit != nil {
		fmt.Fprintf(&r.text, " (limit: %s)", *a.Limit)
	}
	if a.ExitCode != nil {
		fmt.Fprintf(&r.text, " (exit code %d)", *a.ExitCode)
	}
	if a.Signal != nil {
		fmt.Fprintf(&r.text, " (%s)", *a.Signal)
	}
	r.text.WriteString("\n")
	// What went wrong comes before what may be long.
	if a.Error != nil && a.Error.Traceback != "" {
		r.part("error", a.Error.Traceback, false)
	} else if a.Error != nil {
		r.part("error", a.Error.Type+": "+a.Error.Message, false)
	}
	if a.Error != nil && a.Error.Hint != "" {
		r.part("hint", a.Error.Hint, false)
	}
	r.outputs(a)
	r.part("stdout", a.Stdout, a.Truncated.Stdout)
	if a.Error == nil || strings.TrimSpace(a.Stderr) != strings.TrimSpace(a.Error.Traceback) {
		r.part("stderr", a.Stderr, a.Truncated.Stderr)
	}
	for _, file := range a.Files {
		r.file(file)
	}
	if r.none > 0 {
		fmt.Fprintf(&r.text, "[%d more texts and files are left out: the text has at most %d bytes, and the answer %d]\n", r.none, longestTexts, mostInAll)
	}
	content := []sdk.Content{&sdk.TextContent{Text: r.text.String()}}
	return &sdk.CallToolResult{IsError: a.Status != client.StatusOK, Content: append(content, r.after...)}, nil, nil
}

func (r *reply) part(title, body string, truncated bool) {
	if body == "" {
		return
	}
	shown := title + ":\n" + strings.TrimSuffix(r.fitting(body), "\n") + "\n"
	if truncated {
		shown += "[cut here by the output limit]\n"
	}
	if r.left == 0 || !r.take(shown) {
		r.none++
		return
	}
	r.left -= min(len(shown), r.left)
	r.text.WriteString(shown)
}

// fitting cuts a text so that it is not too long, and leaves half of the room: as JSON
// a control character takes six bytes.
func (r *reply) fitting(text string) string {
	most := min(longestText, r.left)
	shown := cut(text, most)
	for most > 1 && encodedBytes(shown) > r.room/2 {
		most /= 2
		shown = cut(text, most)
	}
	return shown
}

// take takes the room of a value, and reports whether there is enough.
func (r *reply) take(value any) bool {
	size := encodedBytes(value) + 1
	if size > r.room {
		return false
	}
	r.room -= size
	return true
}

// encodedBytes returns the size of a value as JSON.
func encodedBytes(value any) int {
	encoded, err := json.Marshal(value)
	if err != nil {
		return math.MaxInt32 // it cannot be sent
	}
	return len(encoded)
}

// outputs shows what the code showed, in order, and the result.
func (r *reply) outputs(a *client.Answer) {
	result := string(a.Result)
	if a.Status != client.StatusOK {
		result = ""
	}
	pictures, shown := 0, false
	for _, output := range a.Outputs {
		title := "shown"
		if output.Kind == "result" {
			title, shown = "result", true
		}
		if picture := r.picture(output); picture != nil {
			pictures++
			r.attach(fmt.Sprintf("%s: picture %d", title, pictures), picture, len(picture.Data))
			continue
		}
		// A table or a model is read more easily than its JSON; a number is not.
		if _, table := output.Data["text/html"]; title == "result" && !table && len(result) < 1000 && result != "" && result != "null" {
			r.part(title, result, false)
			continue
		}
		if text, ok := output.Text(); ok {
			r.part(title, text, false)
		}
	}
	if !shown {
		r.part("result", result, false)
	}
}

// isPicture reports whether assistants see files of a type. They read SVG as text.
func isPicture(kind string) bool {
	return kind != "image/svg+xml" && slices.ContainsFunc(client.PictureTypes, func(p client.PictureType) bool { return p.Type == kind })
}

func (r *reply) picture(output client.Output) *sdk.ImageContent {
	kind, data, err := output.Picture()
	if err != nil || !isPicture(kind.Type) {
		return nil
	}
	return &sdk.ImageContent{Data: data, MIMEType: kind.Type}
}

// note writes a line.
func (r *reply) note(format string, values ...any) {
	line := fmt.Sprintf(format+"\n", values...)
	if len(line) > r.left || !r.take(line) {
		r.none++
		return
	}
	r.left -= len(line)
	r.text.WriteString(line)
}

// attach adds content below the text, if it is not too large for clients.
func (r *reply) attach(what string, content sdk.Content, size int) {
	if size > r.data {
		r.note("%s, %d bytes, is left out: pictures and files have at most %d bytes together", what, size, mostData)
		return
	}
	line := what + " is below"
	if len(line) > r.left || !r.take(content) {
		r.none++
		return
	}
	r.data -= size
	r.after = append(r.after, content)
	r.note("%s", line)
}

// types are those of files, by the end of their name. The machine's own table may lack
// them.
var types = map[string]string{
	".csv": "text/csv", ".gif": "image/gif", ".htm": "text/html", ".html": "text/html", ".jpeg": "image/jpeg", ".jpg": "image/jpeg",
	".json": "application/json", ".md": "text/markdown", ".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml",
	".tsv": "text/tab-separated-values", ".webp": "image/webp", ".xml": "application/xml", ".zip": "application/zip",
	".parquet": "application/vnd.apache.parquet", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// file attaches a file: a picture to look at, any other as a resource.
func (r *reply) file(f client.Collected) {
	kind := types[strings.ToLower(path.Ext(f.Path))]
	resource := &sdk.ResourceContents{URI: (&url.URL{Scheme: "hotcell", Path: "/" + f.Path}).String(), MIMEType: kind}
	if f.Encoding != "base64" {
		if resource.MIMEType == "" {
			resource.MIMEType = "text/plain"
		}
		resource.Text = r.fitting(f.Content)
		content := &sdk.EmbeddedResource{Resource: resource}
		if r.left == 0 || !r.take(content) {
			r.none++
			return
		}
		r.left -= min(len(resource.Text)+len(f.Path), r.left)
		r.after = append(r.after, content)
		r.note("file %s, %d bytes, is below", f.Path, f.Size)
		return
	}
	data, err := f.Bytes()
	if err != nil {
		r.note("file %s: %v", f.Path, err)
		return
	}
	if isPicture(kind) {
		r.attach("file "+f.Path, &sdk.ImageContent{Data: data, MIMEType: kind}, len(data))
		return
	}
	if resource.MIMEType == "" {
		resource.MIMEType = "application/octet-stream"
	}
	resource.Blob = data
	r.attach("file "+f.Path, &sdk.EmbeddedResource{Resource: resource}, len(data))
}

// cut keeps the beginning and the end of a long text: an error stands at the end.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	first, last := most*2/3, len(text)-most/3
	for first > 0 && !utf8.RuneStart(text[first]) {
		first--
	}
	for last < len(text) && !utf8.RuneStart(text[last]) {
		last++
	}
	return fmt.Sprintf("%s\n[… %d bytes are left out here …]\n%s", text[:first], last-first, text[last:])
}
