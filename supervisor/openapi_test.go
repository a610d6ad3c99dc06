package supervisor

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas map[string]struct {
			Enum       []*string
			Properties map[string]any
		}
	}
}

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(api.OpenAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t *testing.T, what string, served, written []string) {
	t.Helper()
	slices.Sort(served)
	slices.Sort(written)
	if !slices.Equal(served, written) {
		t.Errorf("%s\nserved  %q\nwritten %q", what, served, written)
	}
}

func TestEveryRouteIsInTheContractAndTheOtherWayRound(t *testing.T) {
	var served, written []string
	s, err := newService(config.Default(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range s.routes() {
		served = append(served, route.method+" "+route.path)
	}
	for path, methods := range readDocument(t).Paths {
		for method := range methods {
			if method != "parameters" {
				written = append(written, strings.ToUpper(method)+" "+path)
			}
		}
	}
	same(t, "routes", served, written)
}

func TestTheEnumsOfTheContractAreThoseOfTheProgram(t *testing.T) {
	schemas := readDocument(t).Components.Schemas
	enum := func(name string) (values []string) {
		for _, value := range schemas[name].Enum {
			if value != nil {
				values = append(values, *value)
			}
		}
		return values
	}
	var refusals, statuses, names []string
	for _, code := range api.Codes() {
		refusals = append(refusals, string(code))
	}
	for _, status := range api.Statuses() {
		statuses = append(statuses, string(status))
	}
	for _, limit := range config.Limits {
		names = append(names, limit.Wire)
	}
	var verdicts, comparisons []string
	for _, verdict := range api.Verdicts {
		verdicts = append(verdicts, string(verdict))
	}
	for _, how := range api.Comparisons {
		comparisons = append(comparisons, string(how))
	}
	same(t, "verdicts of batches", verdicts, enum("BatchVerdict"))
	same(t, "comparisons", comparisons, enum("Compare"))
	same(t, "codes", refusals, enum("Code"))
	same(t, "statuses", statuses, enum("Status"))
	var properties []string
	for name := range schemas["Limits"].Properties {
		properties = append(properties, name)
	}
	same(t, "limits", names, properties)
}
