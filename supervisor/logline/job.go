package logline

import (
	"context"
	"log/slog"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
)

// Job is what the one line of a job's run says. Like a request's, it has nothing of a script.
type Job struct {
	ID, Key, Kind, Profile    string
	Status                    string // of the job; "given back" if it runs again
	Attempts                  int
	Verdict, Limit, ErrorType string
	Took                      time.Duration // since it was claimed
	Timing                    api.Timing
	Code                      api.Code // why it was not run; empty: it was
}

// Write writes the line. more are further fields.
func (j Job) Write(ctx context.Context, log *slog.Logger, more ...slog.Attr) {
	attrs := []slog.Attr{slog.String("id", j.ID), slog.String("kind", j.Kind), slog.String("status", j.Status), slog.Int("attempts", j.Attempts), slog.Any("ms", api.Millis(j.Took))}
	attrs = append(attrs, texts("key", j.Key, "profile", j.Profile, "verdict", j.Verdict, "limit", j.Limit, "error_type", j.ErrorType, "code", string(j.Code))...)
	attrs = append(attrs, timed(j.Timing)...)
	log.LogAttrs(ctx, slog.LevelInfo, "job", append(attrs, more...)...)
}
