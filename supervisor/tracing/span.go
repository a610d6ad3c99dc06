package tracing

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Attributes of spans. They contain no keys, no scripts, and nothing that scripts
// read or write.
const (
	Profile = attribute.Key("hotcell.profile")
	Verdict = attribute.Key("hotcell.verdict") // how the script ended

	requestID = attribute.Key("hotcell.request_id")
	problem   = attribute.Key("hotcell.problem") // the code of a refusal
)

var noSpan trace.Span = noop.Span{}

// Start begins a step of a request. [End] ends it.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, trace.Span) {
	if t == nil {
		return ctx, noSpan
	}
	return t.tracer.Start(ctx, name)
}

// StartAt is like Start, for a step that began earlier.
func (t *Tracer) StartAt(ctx context.Context, name string, began time.Time) (context.Context, trace.Span) {
	if t == nil {
		return ctx, noSpan
	}
	return t.tracer.Start(ctx, name, trace.WithTimestamp(began))
}

// End ends a step, and marks it as failed if err is not nil. Only the request's span
// gives the reason, as a code.
func End(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Request has the attributes of a request's span.
type Request struct {
	ID, Method, Route string
	Profile           string // empty: none
	Verdict           string // empty: no script ran to its end
	Problem           string // the code of its refusal; empty: it was not refused
	Abandoned         bool   // whether the client hung up
}

// Request adds the attributes to the span in ctx. The span's name and path are those
// of the route: clients can invent any number of paths, and a path may contain the id
// of a session.
func (t *Tracer) Request(ctx context.Context, r Request) {
	if t == nil {
		return
	}
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(requestID.String(r.ID))
	if r.Route != "" {
		span.SetName(methodName(r.Method) + " " + r.Route)
		span.SetAttributes(attribute.String("http.route", r.Route), attribute.String("url.path", r.Route))
	}
	if r.Profile != "" {
		span.SetAttributes(Profile.String(r.Profile))
	}
	if r.Verdict != "" {
		span.SetAttributes(Verdict.String(r.Verdict))
	}
	if r.Abandoned {
		span.SetAttributes(attribute.Bool("hotcell.abandoned", true))
	}
	if r.Problem != "" {
		span.SetAttributes(problem.String(r.Problem))
	}
}

// Exemplar returns the exemplar that links an observation to its trace, or nil if the
// trace is not kept.
func Exemplar(ctx context.Context) map[string]string {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return nil
	}
	return map[string]string{"trace_id": span.TraceID().String()}
}

// ID returns the id of the trace that a request belongs to: the one in ctx, or else that
// of parent, a traceparent as [GivenParent] returns it. Empty if there is none.
func ID(ctx context.Context, parent string) string {
	if span := trace.SpanContextFromContext(ctx); span.HasTraceID() {
		return span.TraceID().String()
	}
	if fields := strings.Split(parent, "-"); len(fields) == 4 {
		return fields[1]
	}
	return ""
}

// Parent returns the span in ctx as a W3C traceparent header; empty if there is none.
func Parent(ctx context.Context) string {
	carrier := make(propagation.MapCarrier, 2)
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier.Get("traceparent")
}

// GivenParent returns the client's traceparent, parsed and formatted again, so that
// nothing else gets through. It is empty if there is none, or if it is invalid.
func GivenParent(header http.Header) string {
	if len(header["Traceparent"]) != 1 {
		return ""
	}
	return Parent(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(header)))
}

const parentEnv = "TRACEPARENT"

// WithParent adds the variable TRACEPARENT, which OpenTelemetry's tools read, to a
// script's environment, unless it is set.
func WithParent(env map[string]string, parent string) map[string]string {
	if _, own := env[parentEnv]; own || parent == "" {
		return env
	}
	with := make(map[string]string, len(env)+1)
	maps.Copy(with, env)
	with[parentEnv] = parent
	return with
}
