package supervisor

import (
	"github.com/hotcell/hotcell/supervisor/line"
)

// newLine is the line for requests that ask for a cell.
func newLine(cfg Config) *line.Line {
	return line.New(line.Config{
		Places: cfg.MaxRunning, Waiting: cfg.MaxWaiting, Bytes: cfg.maxAnswers, Reserved: int64(cfg.MaxBodies),
		Patience: line.Patience{Place: cfg.MaxWait, Answer: cfg.MaxExpectedWait},
	})
}

// party is what a key may have in the line.
func (k *Key) party() line.Party {
	if k == nil {
		return line.Unbounded("")
	}
	return line.Party{
		Name: k.Name, Weight: uint64(k.share), // #nosec G115 -- from 1 to 100
		MaxRunning: k.maxRunning, MaxWaiting: k.maxWaiting, MaxBytes: k.maxAnswers, MaxReserved: k.maxBodies,
	}
}
