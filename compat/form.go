package compat

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
)

// mostHeading is how long the header of a part of a form may be, in bytes. Package
// multipart would take 10 MiB, which nobody has counted.
const mostHeading = 16 << 10

var errHeading = errors.New("the header of a part is too long")

// Form reads the parts of a form piece by piece.
type Form struct {
	body  *heading
	parts *multipart.Reader
	part  *multipart.Part
}

// NewForm returns the form in the body of a request.
func NewForm(r *http.Request) (*Form, error) {
	body := &heading{from: r.Body, left: -1}
	parts, err := (&http.Request{Header: r.Header, Body: io.NopCloser(body)}).MultipartReader()
	return &Form{body: body, parts: parts}, err
}

// Next returns the next part. [io.EOF] is the end.
func (f *Form) Next() (*multipart.Part, error) {
	if f.part != nil { // what was not read of the last one is no header
		if _, err := io.Copy(io.Discard, f.part); err != nil {
			return nil, err
		}
	}
	f.body.left = mostHeading
	part, err := f.parts.NextRawPart()
	f.part, f.body.left = part, -1
	return part, err
}

// heading is a body of which only some bytes may be read now.
type heading struct {
	from io.Reader
	left int64 // -1: all
}

func (h *heading) Read(into []byte) (int, error) {
	if h.left == 0 {
		return 0, errHeading
	}
	if h.left > 0 {
		into = into[:min(int64(len(into)), h.left)]
	}
	n, err := h.from.Read(into)
	if h.left > 0 {
		h.left -= int64(n)
	}
	return n, err
}
