package cli

import (
	"log/slog"
	"os"
	"time"

	"github.com/hotcell/hotcell/logqueue"
)

// lastLines is how long the end of the program waits for the log's reader.
const lastLines = 2 * time.Second

// Log is the log on standard error of a command that makes jails. Neither a
// reader that stops nor one that is gone stops the program.
type Log struct {
	*slog.Logger
	level *slog.LevelVar
	queue *logqueue.Queue
}

// OpenLog starts the log; format is "text" or "json". The caller closes it, and
// writes nothing else to standard error before.
func OpenLog(level slog.Level, format string) *Log {
	surviveBrokenPipes()
	queue := logqueue.New(os.Stderr, 0)
	lowest := new(slog.LevelVar)
	lowest.Set(level)
	options := &slog.HandlerOptions{Level: lowest}
	var handler slog.Handler = slog.NewTextHandler(queue, options)
	if format == "json" {
		handler = slog.NewJSONHandler(queue, options)
	}
	log := &Log{slog.New(handler), lowest, queue}
	queue.OnRecovery(func(lost uint64) {
		log.Warn("lines of this log were lost, because standard error did not take them", "lines", lost)
	})
	return log
}

// OpenQuietLog starts the log of a command that is not a service: it has
// warnings and errors only.
func OpenQuietLog(level slog.Level, format string) *Log {
	return OpenLog(max(level, slog.LevelWarn), format)
}

// SetLevel changes the lowest level that is logged.
func (l *Log) SetLevel(level slog.Level) { l.level.Set(level) }

// Lost returns how many lines were lost.
func (l *Log) Lost() uint64 { return l.queue.Lost() }

// Close writes the lines that wait, if the reader takes them within two seconds.
func (l *Log) Close() { l.queue.Close(lastLines) }

// Complain prints err and its hint by way of the log's queue, so that a reader
// that has stopped cannot stop the end of the program. It returns an error with
// the same status and nothing left to print.
func (l *Log) Complain(err error) error {
	if err != nil && err.Error() != "" {
		Complain(l.queue, err)
	}
	return Exit(Status(err), nil)
}
