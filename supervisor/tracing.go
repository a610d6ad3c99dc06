package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
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

	"github.com/hotcell/hotcell/supervisor/config"
)

// lastSpans is how long the end of the service waits for a collector.
const lastSpans = 2 * time.Second

// tracing makes spans and sends them. A nil one is off.
type tracing struct {
	provider *sdktrace.TracerProvider
	exporter *tellingExporter
	tracer   trace.Tracer
}

// openTracing sends nothing yet: whether there is a collector is found out with
// the first spans, in the background.
func openTracing(ctx context.Context, cfg config.Config, log *slog.Logger) (*tracing, error) {
	if !cfg.Tracing {
		return nil, nil
	}
	if err := checkTracingEnv(os.Getenv); err != nil {
		return nil, err
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("set up the sending of traces: %w", err)
	}
	telling := &tellingExporter{SpanExporter: exporter, log: log}
	about, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithAttributes(attribute.String("service.name", "hotcell"), attribute.String("service.version", cfg.Version)),
		resource.WithFromEnv(), // last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before ours
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("environment OTEL_RESOURCE_ATTRIBUTES: %w", err), exporter.Shutdown(ctx))
	}
	// A full queue drops spans; it never makes a request wait.
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(telling), sdktrace.WithResource(about))
	return &tracing{provider: provider, exporter: telling, tracer: provider.Tracer("github.com/hotcell/hotcell/supervisor")}, nil
}

var samplers = []string{"", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}

// checkTracingEnv refuses what the SDK would replace by a default, without a
// word in our log.
func checkTracingEnv(env func(string) string) error {
	var errs []error
	for _, name := range config.TraceEndpoints {
		u, err := url.Parse(env(name))
		if env(name) != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			errs = append(errs, fmt.Errorf(`environment %s = %q: must be a URL such as "http://localhost:4318"`, name, env(name)))
		}
	}
	oneOf := func(name string, allowed ...string) {
		if !slices.Contains(allowed, env(name)) {
			errs = append(errs, fmt.Errorf("environment %s = %q: must be empty, or one of %q", name, env(name), allowed[1:]))
		}
	}
	oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", "", "http/protobuf", "http/json")
	oneOf("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "", "http/protobuf", "http/json")
	oneOf("OTEL_TRACES_EXPORTER", "", "otlp")
	oneOf("OTEL_TRACES_SAMPLER", samplers...)
	return errors.Join(errs...)
}

// tellingExporter logs when a collector begins to fail, and when it is back:
// not each of the attempts between.
type tellingExporter struct {
	sdktrace.SpanExporter
	log     *slog.Logger
	failing atomic.Bool
}

// ExportSpans implements [sdktrace.SpanExporter]. Its errors are told here, and
// so not a second time by OpenTelemetry's own handler.
func (e *tellingExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !e.failing.Swap(true):
		e.log.Warn("cannot send traces; requests are served as ever, and their spans are lost until it works", "error", err)
	case err == nil && e.failing.Swap(false):
		e.log.Info("traces are sent again")
	}
	return nil
}

// close sends what is left, if the collector takes it soon.
func (t *tracing) close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.exporter.log.Warn("the last traces were not sent in time", "error", err, "waited", lastSpans)
		_ = t.exporter.Shutdown(ctx) // ends the attempt that still goes on
	}
}

// around gives each request its span, but those that come every few seconds.
func (t *tracing) around(next http.Handler, quiet map[string]bool) http.Handler {
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

// methodName is a span's name until its route is known. Clients may invent
// methods, and names of spans are to be few.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "HTTP"
}
