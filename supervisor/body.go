package supervisor

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const bodyDeadline = 30 * time.Second // to receive a request's body

var errTooManyBodies = errors.New("other requests' bodies fill the memory that there is for them")

// readBody reads the whole body. The caller calls done when it needs it no
// more, also after an error.
func (s *Service) readBody(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	counted := &countedReader{left: &s.bodiesLeft, key: exchangeOf(r).key}
	done = counted.giveBack
	if !isJSON(r.Header) {
		return nil, done, refuse(CodeUnsupportedMediaType, "the Content-Type must be application/json, in UTF-8, and the body not compressed")
	}
	tooLarge := refuse(CodeTooLarge, "the body has more than the %d bytes that are taken", s.cfg.MaxBody)
	if r.ContentLength > int64(s.cfg.MaxBody) {
		return nil, done, tooLarge
	}
	counted.Reader = http.MaxBytesReader(w, r.Body, int64(s.cfg.MaxBody))
	body, err = io.ReadAll(counted)
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, done, tooLarge
	case errors.Is(err, errTooManyBodies), errors.Is(err, errKeyBodies):
		return nil, done, explain(r.Context(), err)
	case err != nil:
		return nil, done, refuse(CodeInvalidRequest, "the body did not arrive whole within %v", bodyDeadline)
	}
	// Else the deadline, which observe has set, would look like a client that hangs up.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, done, nil
}

func isJSON(header http.Header) bool {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind != "application/json" || header.Get("Content-Encoding") != "" {
		return false
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// countedReader takes what it reads from what all bodies may have together:
// otherwise a waiting line full of large ones would fill the memory. Of that a
// key has its share.
type countedReader struct {
	io.Reader
	left  *atomic.Int64
	key   *Key
	taken int64
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.taken += int64(n)
	if c.key != nil && c.key.bodies.Add(int64(n)) > c.key.maxBodies {
		c.left.Add(-int64(n))
		return n, errKeyBodies
	}
	if c.left.Add(-int64(n)) < 0 {
		return n, errTooManyBodies
	}
	return n, err
}

func (c *countedReader) giveBack() {
	c.left.Add(c.taken)
	if c.key != nil {
		c.key.bodies.Add(-c.taken)
	}
}
