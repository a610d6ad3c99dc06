package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"sync"

	"github.com/hotcell/hotcell/client"
)

const longestBody = 64 << 20 // bytes of an answer that is read

// sendWire sends a part's request as often as its head says, and returns the answers.
func (t *target) sendWire(ctx context.Context, p *Part, known tokens, script string) ([]*answer, error) {
	texts := p.wire.each
	if len(texts) == 0 {
		texts = []string{""}
	}
	var answers []*answer
	for _, text := range texts {
		own := maps.Clone(known)
		own[p.wire.token] = known.literal(text)
		if target := own.plain(p.wire.target); !strings.HasPrefix(target, "/") { // it would be another server's
			return nil, fmt.Errorf("the path %q does not begin with a slash", target)
		}
		some, err := t.several(ctx, p, own, script)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.wire.method, own.plain(p.wire.target), err)
		}
		answers = append(answers, some...)
	}
	return answers, nil
}

// several sends a request as many times at once as its head says.
func (t *target) several(ctx context.Context, p *Part, own tokens, script string) ([]*answer, error) {
	answers := make([]*answer, max(1, p.wire.times))
	errs := make([]error, len(answers))
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			if p.wire.method == webSocket {
				answers[i], errs[i] = t.channel(ctx, &p.wire, own, script)
			} else {
				answers[i], errs[i] = t.once(ctx, &p.wire, own, script)
			}
		})
	}
	all.Wait()
	return answers, errors.Join(errs...)
}

// once sends one request, and reads its answer.
func (t *target) once(ctx context.Context, w *wire, own tokens, script string) (*answer, error) {
	body, kind := w.content(own, script)
	var from io.Reader = bytes.NewReader(body)
	if w.endless {
		from = &again{head: body, text: bytes.Repeat([]byte("x"), 64<<10)}
	}
	request, err := http.NewRequestWithContext(ctx, w.method, t.server.URL()+own.plain(w.target), from)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	t.fill(request.Header, w, own)
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
		request.Header.Del("Host")
	}
	response, err := t.http.Do(request)
	if err != nil && w.endless && ctx.Err() == nil { // the server need not read on to answer
		return wireAnswer(w, 0, nil, nil, err), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, longestBody))
	return wireAnswer(w, response.StatusCode, response.Header, text, err), nil
}

// fill sets a request's headers: the key, unless the request comes without, and those of
// the head.
func (t *target) fill(into http.Header, w *wire, own tokens) {
	key := t.key
	switch w.key {
	case "other":
		key = t.other
	case "none":
		key = ""
	}
	if key != "" {
		into.Set("Authorization", "Bearer "+key)
	}
	for _, h := range w.headers {
		into.Set(h.name, own.plain(h.value))
	}
}

// content returns the body of a request, and its type if that is not the head's.
func (w *wire) content(own tokens, script string) (body []byte, kind string) {
	text := strings.ReplaceAll(own.literal(w.body), tokenScript, own.literal(script))
	switch {
	case w.form == "" && strings.HasPrefix(text, "{"):
		return []byte(text), "application/json"
	case w.form == "":
		return []byte(text), ""
	}
	const boundary = "attack-on-a-form"
	head := "--" + boundary + "\r\nContent-Disposition: form-data; " + own.plain(w.form) + "\r\n\r\n"
	end := "\r\n--" + boundary + "--\r\n"
	if w.endless {
		end = ""
	}
	return []byte(head + text + end), "multipart/form-data; boundary=" + boundary
}

// again is a body that begins with head, and goes on with text for ever.
type again struct{ head, text []byte }

func (a *again) Read(into []byte) (int, error) {
	if len(a.head) == 0 {
		return copy(into, a.text), nil
	}
	n := copy(into, a.head)
	a.head = a.head[n:]
	return n, nil
}

// wireAnswer returns an answer that is not hotcell's own. broken is why its body is
// incomplete, if it is.
func wireAnswer(w *wire, status int, header http.Header, body []byte, broken error) *answer {
	var lines []string
	for name, values := range header {
		for _, value := range values {
			lines = append(lines, textproto.CanonicalMIMEHeaderKey(name)+": "+value)
		}
	}
	slices.Sort(lines)
	a := &answer{http: status, header: strings.Join(lines, "\n"), body: string(body), broken: broken != nil}
	a.Status, a.Result = client.StatusOK, json.RawMessage("null")
	if w.told != "" {
		a.Stdout = strings.Join(members(body, w.told), "")
		if line := lastLine(a.Stdout); strings.HasPrefix(line, "held: ") {
			a.Result = json.RawMessage(`"` + inside(line) + `"`)
		}
	}
	return a
}

func lastLine(text string) string {
	text = strings.TrimRight(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// members returns the strings and numbers at a path in each of the JSON documents of a
// text, such as the lines of a stream. A path passes through all entries of an array.
func members(text []byte, path string) []string {
	var found []string
	documents := json.NewDecoder(bytes.NewReader(text))
	documents.UseNumber()
	for {
		var document any
		if documents.Decode(&document) != nil {
			return found
		}
		found = append(found, follow(document, strings.Split(path, "."))...)
	}
}

func follow(value any, path []string) (found []string) {
	switch value := value.(type) {
	case []any:
		for _, entry := range value {
			found = append(found, follow(entry, path)...)
		}
	case map[string]any:
		if len(path) > 0 {
			return follow(value[path[0]], path[1:])
		}
	case string:
		if len(path) == 0 {
			return []string{value}
		}
	case json.Number:
		if len(path) == 0 {
			return []string{value.String()}
		}
	}
	return found
}
