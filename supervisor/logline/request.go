package logline

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
)

// Request is what the one line of a request says. It has nothing of a script, nor of its
// output. Fields that are empty are left out.
type Request struct {
	ID, Key, API, Profile     string
	Within                    string // the id of the request that it belongs to: to a drop-in API, or to /mcp
	Verdict, Limit, ErrorType string
	TraceID                   string
	Status                    int // of HTTP
	Received, Sent            int64
	Complete                  bool
	Took                      time.Duration
	Timing                    api.Timing
	Problem                   *api.Problem
	Quiet                     bool // it is worth a line at level debug only
}

// Write writes the line. more are further fields.
func (q Request) Write(log *slog.Logger, r *http.Request, more ...slog.Attr) {
	level := slog.LevelInfo
	if q.Quiet {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("id", q.ID), slog.String("client", r.RemoteAddr), slog.String("method", api.Shorten(r.Method)), slog.String("path", Path(r.URL.Path)),
		slog.Int("http", q.Status), slog.Int64("bytes_in", q.Received), slog.Int64("bytes_out", q.Sent),
		slog.Bool("complete", q.Complete), slog.Any("ms", api.Millis(q.Took)),
	}
	attrs = append(attrs, texts(
		"within", q.Within, "key", q.Key, "api", q.API, "profile", q.Profile, "verdict", q.Verdict, "limit", q.Limit, "error_type", q.ErrorType,
		"trace_id", q.TraceID, "agent", Path(r.UserAgent()),
	)...)
	attrs = append(attrs, timed(q.Timing)...)
	attrs = append(attrs, more...)
	if p := q.Problem; p != nil {
		attrs = append(attrs, slog.String("code", string(p.Code)))
		if p.Cause != nil {
			attrs = append(attrs, slog.Any("error", p.Cause))
		}
		if p.Code == api.CodeInternal {
			level = slog.LevelError
		}
	}
	log.LogAttrs(r.Context(), level, "request", attrs...)
}

// texts returns what of these keys and texts is not empty.
func texts(pairs ...string) (attrs []slog.Attr) {
	for len(pairs) >= 2 {
		if pairs[1] != "" {
			attrs = append(attrs, slog.String(pairs[0], pairs[1]))
		}
		pairs = pairs[2:]
	}
	return attrs
}

func timed(t api.Timing) []slog.Attr {
	if t == (api.Timing{}) {
		return nil
	}
	return []slog.Attr{slog.Any("queue_ms", t.Queue), slog.Any("handoff_ms", t.Handoff), slog.Any("run_ms", t.Run)}
}
