package supervisor_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// receiver is a minimal OpenTelemetry collector: OTLP over HTTP, in protobuf.
type receiver struct {
	t  *testing.T
	mu sync.Mutex
	// What it has received.
	spans     []*tracepb.Span
	resources map[string]string
	raw       bytes.Buffer
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, resources: make(map[string]string)}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	return r
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		http.Error(w, "not OTLP", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(body)
	for _, resource := range request.ResourceSpans {
		for _, attribute := range resource.Resource.Attributes {
			c.resources[attribute.Key] = attribute.Value.GetStringValue()
		}
		for _, scope := range resource.ScopeSpans {
			c.spans = append(c.spans, scope.Spans...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// of returns the spans of one trace, by name.
func (c *receiver) of(trace string) map[string]*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	spans := make(map[string]*tracepb.Span)
	for _, span := range c.spans {
		if hex.EncodeToString(span.TraceId) == trace {
			spans[span.Name] = span
		}
	}
	return spans
}

func attributes(span *tracepb.Span) map[string]string {
	values := make(map[string]string)
	for _, attribute := range span.GetAttributes() {
		values[attribute.Key] = attribute.Value.GetStringValue()
	}
	return values
}

// traced starts a small service that has sent its spans when it is drained.
func traced(t *testing.T) *service {
	t.Helper()
	testkit.NeedsJails(t)
	s := open(t, func(c *config.Config) {
		c.Tracing, c.Profile.PoolSize, c.Profile.Preload = true, 1, nil
	})
	t.Cleanup(func() { _ = s.Close() }) // if the test has failed
	return s
}

const (
	clientTrace  = "0af7651916cd43dd8448eb211c80319c"
	clientSpan   = "b7ad6b7169203331"
	clientParent = "00-" + clientTrace + "-" + clientSpan + "-01"

	tellParent = "import os\ndef main():\n    return [os.environ.get('TRACEPARENT'), [n for n in os.environ if n.startswith('OTEL')]]"
)

func (s *service) executeWithin(parent, script string, more ...fields) answer {
	s.t.Helper()
	r := s.request("POST", "/execute", encode(s.t, script, more...))
	r.Header.Set("Traceparent", parent)
	return s.do(r)
}

func (a answer) parent(t *testing.T) string {
	t.Helper()
	var result []any
	if err := json.Unmarshal(a.Result, &result); err != nil || len(result) != 2 {
		t.Fatalf("%v: %s", err, a.body)
	}
	if names := result[1].([]any); len(names) > 0 {
		t.Errorf("the script sees %v", names)
	}
	parent, _ := result[0].(string)
	return parent
}

func TestARequestsSpansGoToTheCollectorAndContinueTheClientsTrace(t *testing.T) {
	c := startReceiver(t)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hidden-from-scripts")
	s := traced(t)
	a := s.executeWithin(clientParent, tellParent+"  # top secret script")
	mine := s.executeWithin(clientParent, tellParent, fields{"env": fields{"TRACEPARENT": "mine"}})
	s.drain()

	spans := c.of(clientTrace)
	server := spans["POST /execute"]
	if server == nil || hex.EncodeToString(server.ParentSpanId) != clientSpan || server.Kind != tracepb.Span_SPAN_KIND_SERVER {
		t.Fatalf("%v", spans)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for _, span := range c.spans {
		if string(span.ParentSpanId) == string(server.SpanId) {
			names = append(names, span.Name)
			if span.EndTimeUnixNano < span.StartTimeUnixNano || span.StartTimeUnixNano < server.StartTimeUnixNano || span.EndTimeUnixNano > server.EndTimeUnixNano {
				t.Errorf("%s is not within its request", span.Name)
			}
		}
	}
	slices.Sort(names)
	if want := []string{"claim", "collect", "queue", "run"}; !slices.Equal(names, want) {
		t.Errorf("children %q, want %q", names, want)
	}
	if got := mine.parent(t); got != "mine" {
		t.Errorf("a request's own TRACEPARENT became %q", got)
	}
	var runs []string
	for _, span := range c.spans {
		if span.Name == "run" {
			runs = append(runs, "00-"+clientTrace+"-"+hex.EncodeToString(span.SpanId)+"-01")
			if have := attributes(span); have["hotcell.verdict"] != "ok" || have["hotcell.profile"] != "default" {
				t.Errorf("run: %v", have)
			}
		}
	}
	if got := a.parent(t); !slices.Contains(runs, got) {
		t.Errorf("the script's TRACEPARENT is %q, and the runs are %q", got, runs)
	}
	have := attributes(server)
	if have["hotcell.verdict"] != "ok" || have["hotcell.profile"] != "default" || have["http.route"] != "/execute" || have["hotcell.request_id"] == "" {
		t.Errorf("request: %v", have)
	}
	if c.resources["service.name"] != "hotcell" || c.resources["service.version"] != "v0-test" {
		t.Errorf("%v", c.resources)
	}
	for _, secret := range []string{"top secret", "hidden-from-scripts", "import os"} {
		if bytes.Contains(c.raw.Bytes(), []byte(secret)) {
			t.Errorf("the spans hold %q", secret)
		}
	}
}

func TestRefusalsSessionsAndHealthInTraces(t *testing.T) {
	c := startReceiver(t)
	t.Setenv("OTEL_SERVICE_NAME", "cells-of-ours")
	s := traced(t)
	s.executeWithin(clientParent, "def main(:")
	s.get("/livez")
	created := s.do(s.request("POST", "/sessions", "{}"))
	var session api.SessionState
	if err := json.Unmarshal([]byte(created.body), &session); err != nil {
		t.Fatal(err)
	}
	called := s.do(s.request("POST", "/sessions/"+session.ID+"/execute", encode(t, tellParent)))
	trace := strings.Split(called.parent(t), "-")
	s.drain()

	if have := attributes(c.of(clientTrace)["POST /execute"]); have["hotcell.problem"] != "syntax_error" || have["hotcell.verdict"] != "" {
		t.Errorf("refused: %v", have)
	}
	if len(trace) != 4 {
		t.Fatalf("TRACEPARENT in a session: %q", trace)
	}
	spans := c.of(trace[1])
	if run := spans["run"]; run == nil || hex.EncodeToString(run.SpanId) != trace[2] || spans["POST /sessions/{id}/execute"] == nil || spans["collect"] == nil {
		t.Errorf("the call's trace: %v", spans)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.resources["service.name"] != "cells-of-ours" {
		t.Errorf("%v", c.resources)
	}
	if bytes.Contains(c.raw.Bytes(), []byte(session.ID)) {
		t.Error("the spans hold a session's id")
	}
	for _, span := range c.spans {
		if strings.Contains(span.Name, "livez") {
			t.Error("a probe has a span")
		}
	}
}

func TestWithoutTracingOnlyAValidTraceparentReachesTheScript(t *testing.T) {
	s := theService(t)
	for _, test := range []struct{ given, want string }{
		{"", ""},
		{clientParent, clientParent},
		{"01-" + clientTrace + "-" + clientSpan + "-01-more", "00-" + clientTrace + "-" + clientSpan + "-01"}, // a later version, of which we read the part that we know
		{"00-" + strings.Repeat("0", 32) + "-" + clientSpan + "-01", ""},
		{clientParent + "\tLD_PRELOAD=x", ""},
		{clientParent + "-more", ""},
		{"ff-" + clientTrace + "-" + clientSpan + "-01", ""},
	} {
		if got := s.executeWithin(test.given, tellParent).parent(t); got != test.want {
			t.Errorf("%q reaches the script as %q, want %q", test.given, got, test.want)
		}
	}
	twice := s.request("POST", "/execute", encode(t, tellParent))
	twice.Header["Traceparent"] = []string{clientParent, clientParent}
	if got := s.do(twice).parent(t); got != "" {
		t.Errorf("two headers reach the script as %q", got)
	}
	if got := s.executeWithin(clientParent, tellParent, fields{"env": fields{"TRACEPARENT": ""}}).parent(t); got != "" {
		t.Errorf("a request's own, empty one became %q", got)
	}
}

func (s *service) scrape(accept string) answer {
	s.t.Helper()
	r := s.request("GET", "/metrics", "")
	r.Header.Set("Accept", accept)
	return s.do(r)
}

func TestHistogramsHaveTheTraceAsExemplar(t *testing.T) {
	startReceiver(t)
	s := traced(t)
	s.executeWithin(clientParent, tellParent)
	for _, name := range []string{"http_request", "queue", "claim", "run"} {
		s.eventually("an exemplar of hotcell_"+name+"_duration_seconds", func() bool { // some are recorded after the answer
			lines := strings.Split(s.scrape("application/openmetrics-text; version=1.0.0").body, "\n")
			return slices.ContainsFunc(lines, func(line string) bool {
				return strings.HasPrefix(line, "hotcell_"+name+"_duration_seconds_bucket{") && strings.Contains(line, `# {trace_id="`+clientTrace+`"}`)
			})
		})
	}
	if plain := s.scrape("text/plain"); strings.Contains(plain.body, "trace_id") || !strings.HasPrefix(plain.header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("the text format changed: %s", plain.header.Get("Content-Type"))
	}
	s.drain()
	off := theService(t).scrape("application/openmetrics-text; version=1.0.0")
	if !strings.HasPrefix(off.header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("without tracing: %s", off.header.Get("Content-Type"))
	}
}

func TestACollectorThatIsNotThereIsLoggedOnceAndNoRequestFails(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", gone.URL)
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1") // so that each span is an export of its own
	s := traced(t)
	for range 5 {
		if a := s.execute("def main(): return 1"); a.http != http.StatusOK {
			t.Fatal(a.body)
		}
	}
	s.drain()
	if n := strings.Count(s.log.String(), "cannot send traces"); n != 1 || !strings.Contains(s.log.String(), `"level":"WARN","msg":"cannot send traces`) {
		t.Errorf("logged %d times:\n%s", n, s.log)
	}
}

func TestACollectorThatHangsHoldsUpNeitherRequestsNorTheEnd(t *testing.T) {
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-release }))
	t.Cleanup(hanging.Close)
	t.Cleanup(func() { close(release) })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", hanging.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "3600000") // ms; only our own limit ends the wait
	t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "3600000")
	s := traced(t)
	if a := s.execute("def main(): return 1"); a.http != http.StatusOK {
		t.Fatal(a.body)
	}
	s.drain() // without a limit this hangs
	if !strings.Contains(s.log.String(), "the last traces were not sent in time") {
		t.Errorf("%s", s.log)
	}
}

func TestOpenTelemetrysVariablesAreRefusedBeforeAJailIsMade(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":        "localhost:4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://localhost",
		"OTEL_EXPORTER_OTLP_PROTOCOL":        "grpc",
		"OTEL_TRACES_EXPORTER":               "zipkin",
		"OTEL_TRACES_SAMPLER":                "sometimes",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			cfg := config.Default()
			cfg.Listen, cfg.Tracing = "127.0.0.1:0", true
			s, err := supervisor.Start(t.Context(), cfg, discard)
			if err == nil {
				_ = s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), value) || !strings.Contains(err.Error(), "must be") {
				t.Errorf("%v", err)
			}
		})
	}
}
