// Package stream sends an answer in pieces: as server-sent events, or as lines of JSON.
package stream

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

// Format is how events are written to a stream.
type Format struct {
	contentType string
	before      func(event string) string // written before the data, which is one line of JSON
	after       string
	nothing     string // keeps the connection open
}

var formats = []Format{
	{
		contentType: "text/event-stream",
		before:      func(event string) string { return "event: " + event + "\ndata: " },
		after:       "\n\n",
		nothing:     ": nothing new\n\n",
	},
	{
		contentType: "application/x-ndjson",
		before:      func(event string) string { return `{"event":"` + event + `","data":` },
		after:       "}\n",
		nothing:     `{"event":"nothing","data":null}` + "\n",
	},
}

// Events is the format of server-sent events.
var Events = &formats[0]

// Lines is a format for lines of JSON that are no events. White space before a line
// keeps the connection open.
var Lines = &Format{contentType: "application/x-ndjson", before: func(string) string { return "" }, after: "\n", nothing: " "}

// keepAlive is how long a stream may be silent. Proxies close connections that are
// silent for longer.
const keepAlive = 15 * time.Second

// Wanted returns the format that the Accept header prefers to plain JSON, or nil. Of
// equal preferences the first counts.
func Wanted(header http.Header) *Format {
	var best *Format
	bestQ := 0.0
	for item := range strings.SplitSeq(strings.Join(header.Values("Accept"), ","), ",") {
		kind, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		if q <= bestQ {
			continue
		}
		switch kind {
		case "application/json", "*/*", "application/*":
			best, bestQ = nil, q
		default:
			for i := range formats {
				if formats[i].contentType == kind {
					best, bestQ = &formats[i], q
				}
			}
		}
	}
	return best
}

// Stream is an answer that is sent in pieces. The first piece starts it; until then a
// refusal can still be an ordinary problem. Its methods may be called concurrently.
type Stream struct {
	format *Format
	w      http.ResponseWriter
	gone   context.CancelCauseFunc // called when the client takes no more, or sending fails for another reason

	mu      sync.Mutex // guards the fields below; held while the client takes a piece
	started bool
	closed  bool                     // nothing more is written
	tails   map[nsjail.Stream][]byte // incomplete characters at the end of the output so far
	silence *time.Timer
}

func New(format *Format, w http.ResponseWriter, gone context.CancelCauseFunc) *Stream {
	s := &Stream{format: format, w: w, gone: gone, tails: make(map[nsjail.Stream][]byte)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.silence = time.AfterFunc(keepAlive, s.KeepOpen)
	return s
}

// Output sends output of the script. It returns when the connection has taken it.
func (s *Stream) Output(from nsjail.Stream, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data = append(s.tails[from], data...)
	whole := completeUTF8(data)
	s.tails[from] = append([]byte(nil), data[whole:]...)
	s.text(from, data[:whole])
}

func (s *Stream) text(from nsjail.Stream, data []byte) {
	if len(data) == 0 {
		return
	}
	s.event(string(from), func(w *jsonwriter.Writer) {
		w.RawString(`{"text":`)
		w.Text(data)
		w.RawString("}")
	})
}

// Shown sends what the script shows. It returns when the connection has taken it.
func (s *Stream) Shown(output protocol.Output) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.event("output", func(w *jsonwriter.Writer) { api.WriteOutput(w, output) })
}

// Event sends an event. It returns when the connection has taken it.
func (s *Stream) Event(event string, data func(*jsonwriter.Writer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.event(event, data)
}

// Line sends a line of [Lines]. It returns when the connection has taken it.
func (s *Stream) Line(data func(*jsonwriter.Writer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.event("", data)
}

// Started reports whether anything was sent.
func (s *Stream) Started() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started
}

// End sends the last event, whose data is an answer or a problem.
func (s *Stream) End(event string, data func(*jsonwriter.Writer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, from := range []nsjail.Stream{nsjail.Stdout, nsjail.Stderr} {
		s.text(from, s.tails[from])
	}
	s.event(event, data)
	s.close()
}

func (s *Stream) close() {
	s.closed = true
	s.silence.Stop()
}

// Refuse sends a problem as the last event if the stream has started. If not, the
// caller writes it. p is nil if the client is gone.
func (s *Stream) Refuse(p *api.Problem, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started && p != nil {
		s.event("problem", func(w *jsonwriter.Writer) { p.Encode(w, id) })
	}
	s.close()
}

func (s *Stream) KeepOpen() {
	defer panics.Caught(s.gone)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(func(w *jsonwriter.Writer) { w.RawString(s.format.nothing) })
}

// event sends one event; data writes one line of JSON.
func (s *Stream) event(event string, data func(*jsonwriter.Writer)) {
	s.write(func(w *jsonwriter.Writer) {
		w.RawString(s.format.before(event))
		data(w)
		w.RawString(s.format.after)
	})
}

func (s *Stream) write(write func(*jsonwriter.Writer)) {
	if s.closed {
		return
	}
	if !s.started {
		s.started = true
		header := s.w.Header()
		header.Set("Content-Type", s.format.contentType)
		header.Set("X-Accel-Buffering", "no") // otherwise nginx buffers it
		s.w.WriteHeader(http.StatusOK)
	}
	out := jsonwriter.New(s.w)
	write(out)
	err := out.Close()
	if err == nil {
		err = http.NewResponseController(s.w).Flush()
	}
	if err != nil {
		s.closed = true
		s.gone(nil)
		return
	}
	s.silence.Reset(keepAlive)
}

// completeUTF8 returns the length of data without an incomplete character at its end.
func completeUTF8(data []byte) int {
	for back := 1; back <= min(len(data), utf8.UTFMax-1); back++ {
		if start := len(data) - back; utf8.RuneStart(data[start]) {
			if !utf8.FullRune(data[start:]) {
				return start
			}
			break
		}
	}
	return len(data)
}
