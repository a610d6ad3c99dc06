package supervisor

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/metrics"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

func TestStepsCostNoAllocationWithoutTracing(t *testing.T) {
	s := &Service{line: newLine(config.Default(), testMemory)}
	s.metrics = metrics.New(s.cfg, s.state)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/execute", http.NoBody)
	run := func(context.Context, nsjail.Job) (nsjail.Verdict, error) { return nsjail.Verdict{Status: "ok"}, nil }
	x := new(exchange)
	if allocations := testing.AllocsPerRun(100, func() {
		s.beginTrace(r, x)
		ctx, span := s.tracing.Start(r.Context(), "claim")
		tracing.End(span, nil)
		_, _ = s.ran(ctx, x, "default", nsjail.Job{}, run)
		s.metrics.Claimed("default", time.Millisecond, tracing.Exemplar(ctx))
		s.collected(ctx, x, nil)
		s.endTrace(r, x, nil)
	}); allocations > 0 {
		t.Errorf("%v allocations a request", allocations)
	}
}

func TestTheContractHasTraceparentWhereScriptsRun(t *testing.T) {
	for _, path := range []string{"/execute", "/v1/execute", "/sessions/{id}/execute"} {
		if !takes(t, path, "Traceparent") {
			t.Errorf("POST %s does not name it", path)
		}
	}
}

// takes reports whether the contract has the parameter for POST to a path.
func takes(t *testing.T, path, parameter string) bool {
	t.Helper()
	post, _ := readDocument(t).Paths[path]["post"].(map[string]any)
	parameters, _ := post["parameters"].([]any)
	return slices.ContainsFunc(parameters, func(p any) bool {
		reference, _ := p.(map[string]any)
		return reference["$ref"] == "#/components/parameters/"+parameter
	})
}

// BenchmarkRequestBesideTheScript measures a request without jails: with tracing off,
// and with spans that nothing receives.
func BenchmarkRequestBesideTheScript(b *testing.B) {
	for _, on := range []bool{false, true} {
		b.Run(map[bool]string{false: "off", true: "on"}[on], func(b *testing.B) {
			gone := httptest.NewServer(http.NotFoundHandler())
			gone.Close()
			b.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gone.URL)
			cfg := config.Default()
			cfg.Tracing = on
			s := &Service{cfg: cfg, log: slog.New(slog.DiscardHandler), line: newLine(config.Default(), testMemory)}
			s.metrics = metrics.New(s.cfg, s.state)
			var err error
			if on {
				if s.tracing, err = tracing.Open(b.Context(), "v0-test", s.log); err != nil {
					b.Fatal(err)
				}
			}
			defer s.tracing.Close()
			handler := s.handler()
			r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/openapi.yaml", http.NoBody)
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}
