package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/logqueue"
	"github.com/hotcell/hotcell/supervisor/config"
)

// lastLines is how long the end of the program waits for the log's reader.
const lastLines = 2 * time.Second

// programLog is the log on standard error of a command that makes jails.
// Neither a reader that stops nor one that is gone stops the program.
type programLog struct {
	*slog.Logger
	queue *logqueue.Queue
}

// openLog starts the log. The caller closes it, and writes nothing else to
// standard error before.
func openLog(cfg config.Config) *programLog {
	surviveBrokenPipes()
	queue := logqueue.New(os.Stderr, 0)
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(queue, options)
	if cfg.LogFormat == "json" {
		handler = slog.NewJSONHandler(queue, options)
	}
	log := &programLog{slog.New(handler), queue}
	queue.OnRecovery(func(lost uint64) {
		log.Warn("lines of this log were lost, because standard error did not take them", "lines", lost)
	})
	return log
}

// openQuietLog starts the log of a command that is not a service: it has
// warnings and errors only.
func openQuietLog(cfg config.Config) *programLog {
	cfg.LogLevel = max(cfg.LogLevel, slog.LevelWarn)
	return openLog(cfg)
}

// close writes what waits, if the reader takes it in time.
func (l *programLog) close() { l.queue.Close(lastLines) }

// complain is [complain], by way of the queue.
func (l *programLog) complain(err error) { complainTo(l.queue, err) }

// surviveBrokenPipes keeps SIGPIPE from ending the program, and so from leaving
// cgroups behind: a write to a pipe without a reader then fails with EPIPE. The
// signal is not ignored, because children would inherit that: see execve(2).
func surviveBrokenPipes() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// complainTo prints an error, and what can be done about it.
func complainTo(w io.Writer, err error) {
	text := fmt.Sprintf("hotcell: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nhotcell: "))
	if hint := hintFor(err); hint != "" {
		text += fmt.Sprintf("hint: %s\n", hint)
	}
	_, _ = io.WriteString(w, text)
}
