// Package logline keeps lines of the log short and free of secrets.
//
//   - logline.go: a handler that does so whatever is logged, and a request's path.
//   - request.go: a request's line.
//   - job.go: the line of a job's run.
//   - posture.go: how a service is set up, in one line.
package logline

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/supervisor/keys"
)

const (
	maxPath  = 200     // bytes of a request's path in the log
	maxValue = 8 << 10 // bytes of any other value; a stack trace fits
)

// longToken matches what may be a secret: keys, and tokens of other services that
// somebody pasted into an address. Session ids are shorter.
var longToken = regexp.MustCompile(keys.Prefix + `[A-Za-z0-9_-]*|[A-Za-z0-9_~+-]{32,}`)

// Path returns a request's path as it is logged: short, and without keys.
// Queries are not logged.
func Path(path string) string {
	// Check far more than is logged, so that the cut leaves no part of a key.
	if len(path) > 2*maxPath {
		path = path[:2*maxPath]
	}
	path = longToken.ReplaceAllString(path, "[removed]")
	if len(path) > maxPath {
		path = strings.ToValidUTF8(path[:maxPath], "") + "…"
	}
	return path
}

// identifier matches the name of a class. A script chooses those of its exceptions.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]{0,63}$`)

// ErrorType returns the type of a script's exception as it is logged.
func ErrorType(name string) string {
	if !identifier.MatchString(name) {
		return "[not a name]"
	}
	return name
}

// Bounded keeps log lines short, writes durations in milliseconds, and removes keys,
// whatever values are logged.
type Bounded struct{ slog.Handler }

// Handle implements [slog.Handler].
func (h Bounded) Handle(ctx context.Context, record slog.Record) error {
	bounded := slog.NewRecord(record.Time, record.Level, boundedText(record.Message), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		bounded.AddAttrs(boundedAttr(attr))
		return true
	})
	return h.Handler.Handle(ctx, bounded)
}

// WithAttrs implements [slog.Handler].
func (h Bounded) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = slices.Clone(attrs)
	for i := range attrs {
		attrs[i] = boundedAttr(attrs[i])
	}
	return Bounded{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (h Bounded) WithGroup(name string) slog.Handler {
	return Bounded{h.Handler.WithGroup(name)}
}

func boundedAttr(attr slog.Attr) slog.Attr {
	value := attr.Value.Resolve()
	switch value.Kind() {
	case slog.KindString:
		return slog.String(attr.Key, boundedText(value.String()))
	case slog.KindDuration: // all durations of the log are milliseconds
		return slog.Float64(attr.Key+"_ms", float64(value.Duration().Microseconds())/1000)
	case slog.KindGroup:
		attrs := slices.Clone(value.Group())
		for i := range attrs {
			attrs[i] = boundedAttr(attrs[i])
		}
		return slog.Attr{Key: attr.Key, Value: slog.GroupValue(attrs...)}
	case slog.KindAny:
		if err, ok := value.Any().(error); ok {
			return slog.String(attr.Key, boundedText(err.Error()))
		}
	}
	return attr
}

func boundedText(text string) string {
	if strings.Contains(text, keys.Prefix) {
		text = secretKey.ReplaceAllString(text, keys.Prefix+"[removed]")
	}
	if len(text) > maxValue {
		text = fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(text[:maxValue], ""), len(text))
	}
	return text
}

// secretKey matches keys, and parts of keys that are long enough: names of metrics and
// directories begin with hotcell_, too.
var secretKey = regexp.MustCompile(keys.Prefix + `[A-Za-z0-9_-]{20,}`)
