package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// lastSpans is how long the shutdown waits for a collector.
const lastSpans = 2 * time.Second

// Tracer makes spans and sends them. A nil Tracer is off.
type Tracer struct {
	provider *sdktrace.TracerProvider
	exporter *exporter
	tracer   trace.Tracer
}

// Open returns a tracer for a service of that version. It does not connect: the first
// spans show, in the background, whether there is a collector. The caller closes the
// tracer.
func Open(ctx context.Context, version string, log *slog.Logger) (*Tracer, error) {
	if err := checkEnv(os.Getenv); err != nil {
		return nil, err
	}
	inner, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("set up the exporter of traces: %w", err)
	}
	logging := &exporter{SpanExporter: inner, log: log}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "hotcell"), attribute.String("service.version", version)),
		resource.WithFromEnv(), // last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override ours
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("environment OTEL_RESOURCE_ATTRIBUTES: %w", err), inner.Shutdown(ctx))
	}
	// If the queue is full, spans are dropped. Requests never wait for it.
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(logging), sdktrace.WithResource(about))
	return &Tracer{provider: provider, exporter: logging, tracer: provider.Tracer("github.com/hotcell/hotcell/supervisor")}, nil
}

// exporter logs when the collector begins to fail and when it works again, but not
// each failure in between.
type exporter struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans implements [sdktrace.SpanExporter]. It logs errors itself and returns
// none, because OpenTelemetry's own handler would log them again.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !e.failing.Swap(true):
		e.log.Warn("cannot send traces: spans are lost until it works again; requests are not affected", "error", err)
	case err == nil && e.failing.Swap(false):
		e.log.Info("traces are sent again")
	}
	return nil
}

// Close sends the remaining spans, if the collector accepts them in time.
func (t *Tracer) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.exporter.log.Warn("the last traces were not sent in time", "error", err, "waited", lastSpans)
		_ = t.exporter.Shutdown(ctx) // ends an attempt in progress
	}
}

// Around gives each request a span, except requests to quiet paths, which are polled
// every few seconds.
func (t *Tracer) Around(next http.Handler, quiet map[string]bool) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "",
		otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()), // Prometheus has them
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithFilter(func(r *http.Request) bool { return !quiet[r.URL.Path] }),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return methodName(r.Method) }),
	)
}

// methodName returns the name of a span until its route is known. Clients can invent
// methods, but the names of spans should be few.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "HTTP"
}
