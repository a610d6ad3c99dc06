package bodies_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hotcell/hotcell/supervisor/bodies"
)

func TestBodiesAreReadIntoOneBufferThatIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		sent, announced, limit int
		asked                  int64 // at most
		err                    error
	}{
		"nothing":               {0, 0, 1000, 0, nil},
		"a little":              {900, 900, 1000, 900, nil},
		"all that may be":       {1000, 1000, 1000, 1000, nil},
		"much":                  {5 << 20, 5 << 20, 8 << 20, 5 << 20, nil},
		"of unknown length":     {300_000, -1, 8 << 20, 512 << 10, nil},
		"of unknown length, up": {1000, -1, 1000, 1000, nil},
		"over the limit":        {1001, -1, 1000, 1000, bodies.ErrOverLimit},
		"far over the limit":    {1 << 20, -1, 1000, 1000, bodies.ErrOverLimit},
		"much announced":        {10, 8 << 20, 8 << 20, bodies.First, nil},
	} {
		for kind, of := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader} {
			var asked int64
			text := strings.Repeat("0123456789", c.sent/10+1)[:c.sent]
			got, err := bodies.ReadAll(of(strings.NewReader(text)), int64(c.announced), int64(c.limit), func(more int64) error { asked += more; return nil })
			if !errors.Is(err, c.err) || err == nil && string(got) != text || asked > c.asked || int64(cap(got)) > asked {
				t.Errorf("%s, %s: %d bytes, asked for %d: %v", name, kind, len(got), asked, err)
			}
		}
	}
	refused := errors.New("no")
	if _, err := bodies.ReadAll(bytes.NewReader(make([]byte, 1<<20)), 1<<20, 1<<20, func(more int64) error {
		if more > bodies.First {
			return refused
		}
		return nil
	}); !errors.Is(err, refused) {
		t.Error(err)
	}
}
