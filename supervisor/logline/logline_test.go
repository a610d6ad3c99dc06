package logline

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A request cannot make a log line long.
func TestALineOfTheLogIsShort(t *testing.T) {
	var text bytes.Buffer
	log := slog.New(Bounded{slog.NewJSONHandler(&text, nil)})
	long := strings.Repeat("é", 50_000)
	log.With("with", long).WithGroup("group").Info(long, "text", long, "error", errors.New(long))
	if text.Len() > 5*maxValue || text.Len() < 4*maxValue {
		t.Errorf("a line of %d bytes", text.Len())
	}
	if !strings.Contains(text.String(), "… (100000 bytes)") {
		t.Errorf("the line does not say that it was cut: %.100s", text.String())
	}
}

func TestDurationsOfTheLogAreMilliseconds(t *testing.T) {
	var text bytes.Buffer
	log := slog.New(Bounded{slog.NewJSONHandler(&text, nil)})
	log.With("grace", time.Minute).Info("m", "took", 1500*time.Microsecond, slog.Group("g", "in", time.Second))
	for _, want := range []string{`"grace_ms":60000,`, `"took_ms":1.5,`, `"g":{"in_ms":1000}`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s does not have %s", text.String(), want)
		}
	}
}
