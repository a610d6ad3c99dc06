package dropin

import (
	"context"
	"errors"
	"time"

	"github.com/hotcell/hotcell/supervisor/line"
)

// Pauses before memory is asked for again.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = 200 * time.Millisecond
)

// Grow takes more memory, and waits for it: clients of drop-in APIs would not come back.
// The error is that of [line.Reservation.Grow], or the cause of ctx.
func Grow(ctx context.Context, held *line.Reservation, more int64, until time.Time) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := held.Grow(more)
		if err == nil || !errors.Is(err, line.ErrBytes) && !errors.Is(err, line.ErrPartyBytes) || time.Now().Add(pause).After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
