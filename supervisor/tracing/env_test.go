package tracing_test

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/tracing"
)

func TestWhatOpenTelemetrysVariablesTurnOn(t *testing.T) {
	for _, test := range []struct {
		environ string
		on      bool
	}{
		{"", false},
		{"OTEL_SERVICE_NAME=x", false},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=", false},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318", true},
		{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4318/v1/traces", true},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_TRACES_EXPORTER=none", false},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_SDK_DISABLED=true", false},
	} {
		if on := tracing.Wanted(strings.Fields(test.environ)); on != test.on {
			t.Errorf("%q: %t", test.environ, on)
		}
	}
}
