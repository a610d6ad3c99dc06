package supervisor

import (
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
)

// Attributes of spans. Neither scripts nor what they read and write are among
// them, nor keys.
const (
	attrRequest = attribute.Key("hotcell.request_id")
	attrProfile = attribute.Key("hotcell.profile")
	attrVerdict = attribute.Key("hotcell.verdict") // how the script ended
	attrProblem = attribute.Key("hotcell.problem") // the code of a refusal
)

var noSpan trace.Span = noop.Span{}

// startSpan begins a step of a request; endSpan ends it.
func (s *Service) startSpan(ctx context.Context, name string) (context.Context, trace.Span) {
	if s.tracing == nil {
		return ctx, noSpan
	}
	return s.tracing.tracer.Start(ctx, name)
}

// endSpan marks a step that failed; why, the request's span has as a code.
func endSpan(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(otelcodes.Error, "")
	}
	span.End()
}

const traceparentEnv = "TRACEPARENT"

// withParent adds the variable that OpenTelemetry's tools look for, unless the
// request sets it.
func withParent(job nsjail.Job, parent string) nsjail.Job {
	if _, own := job.Env[traceparentEnv]; own || parent == "" {
		return job
	}
	env := make(map[string]string, len(job.Env)+1)
	maps.Copy(env, job.Env)
	env[traceparentEnv] = parent
	job.Env = env
	return job
}

// traceparent writes ctx's span as W3C's header has it; empty: there is none.
func traceparent(ctx context.Context) string {
	carrier := make(propagation.MapCarrier, 2)
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier.Get("traceparent")
}

// givenParent is the client's traceparent, read and written anew, so that
// nothing but one comes through. Empty: there is none, or it is not valid.
func givenParent(header http.Header) string {
	if len(header["Traceparent"]) != 1 {
		return ""
	}
	return traceparent(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(header)))
}

// beginTrace notes what a request says of its trace.
func (s *Service) beginTrace(r *http.Request, x *exchange) {
	if s.tracing == nil {
		x.parent = givenParent(r.Header)
		return
	}
	x.exemplar = exemplarOf(r.Context())
}

// endTrace tells the request's span what became of it. Its name and path are
// the route's: those that clients make up are without number, and a path may
// hold a session's id.
func (s *Service) endTrace(r *http.Request, x *exchange, p *api.Problem) {
	if s.tracing == nil {
		return
	}
	span := trace.SpanFromContext(r.Context())
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(attrRequest.String(x.id))
	if x.route != "" {
		span.SetName(methodName(r.Method) + " " + x.route)
		span.SetAttributes(attribute.String("http.route", x.route), attribute.String("url.path", x.route))
	}
	if x.profile != "" {
		span.SetAttributes(attrProfile.String(x.profile))
	}
	if x.verdict != "" {
		span.SetAttributes(attrVerdict.String(string(x.verdict)))
	}
	if errors.Is(x.err, errClientGone) {
		span.SetAttributes(attribute.Bool("hotcell.abandoned", true))
	}
	if p != nil {
		span.SetAttributes(attrProblem.String(string(p.Code)))
	}
}

// exemplarOf is what ties an observation to its trace; nil where nobody keeps one.
func exemplarOf(ctx context.Context) prometheus.Labels {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return nil
	}
	return prometheus.Labels{"trace_id": span.TraceID().String()}
}
