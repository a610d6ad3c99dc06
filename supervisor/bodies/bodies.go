// Package bodies reads the body of a request into memory that is reserved first.
package bodies

import (
	"errors"
	"io"
)

// ErrOverLimit is the error for a body that is larger than the limit.
var ErrOverLimit = errors.New("more bytes than are taken")

// First is how much memory is reserved for a body before any of it has arrived.
const First = 64 << 10

// ReadAll reads all of r into one buffer. size is the expected size, or -1. Before it
// allocates or enlarges the buffer it calls grow to reserve the memory. A body of known
// size gets four times as much each time that what it has is full, since what was read is
// copied; others double.
func ReadAll(r io.Reader, size, limit int64, grow func(more int64) error) ([]byte, error) {
	factor := int64(4)
	if size < 0 {
		size, factor = limit, 2
	}
	var buffer []byte
	for {
		if len(buffer) == cap(buffer) && int64(cap(buffer)) < size {
			larger := min(size, max(First, factor*int64(cap(buffer))))
			if err := grow(larger - int64(cap(buffer))); err != nil {
				return nil, err
			}
			buffer = append(make([]byte, 0, larger), buffer...)
		}
		into := buffer[len(buffer):cap(buffer)]
		var last [1]byte // the end must be read too: only then does net/http notice that the client hangs up
		if len(into) == 0 {
			into = last[:]
		}
		n, err := r.Read(into)
		if len(buffer) == cap(buffer) && n > 0 {
			return nil, ErrOverLimit
		}
		buffer = buffer[:len(buffer)+n]
		if errors.Is(err, io.EOF) {
			return buffer, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
