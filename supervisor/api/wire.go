package api

import (
	"bytes"
	"fmt"
	"net/http"
)

// Bytes returns the answer as bytes on the wire, after which the connection closes.
func (p *Problem) Bytes() []byte {
	answer := &wireAnswer{header: http.Header{"Connection": {"close"}}}
	p.Write(answer, "")
	return answer.text.Bytes()
}

// wireAnswer is an answer as bytes on the wire.
type wireAnswer struct {
	header http.Header
	text   bytes.Buffer
}

func (w *wireAnswer) Header() http.Header { return w.header }

func (w *wireAnswer) WriteHeader(status int) {
	fmt.Fprintf(&w.text, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = w.header.Write(&w.text)
	w.text.WriteString("\r\n")
}

func (w *wireAnswer) Write(data []byte) (int, error) { return w.text.Write(data) }
