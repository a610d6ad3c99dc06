package mcp_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/mcp"
)

// leftOut lists the fields of the contract that a tool does not offer, and why.
var leftOut = map[string]map[string]string{
	"run_python":     {"args": inCode, "kwargs": inCode, "env": inCode, "last_expression": "mode cell shows it", "display": "mode cell always does"},
	"run_in_session": {"args": inCode, "kwargs": inCode, "env": inCode, "mode": "it is the session's", "last_expression": "a session always behaves as if it were true", "display": "mode cell always does"},
	"start_session": {"limits/wall_ms": "each call has a timeout_s", "idle_s": "ttl_s is enough; the idle time is the server's default",
		"env": inCode, "files": "calls take them", "id": "an assistant passes on the id that it is told"},
}

const inCode = "an assistant writes values into the code"

// leftOutOfAll are left out of all tools: an assistant knows how long it wants to
// wait, and the other limits are its profile's.
var leftOutOfAll = []string{
	"limits/cpu_ms", "limits/memory_bytes", "limits/output_bytes", "limits/result_bytes", "limits/files_bytes", "limits/outputs_bytes", "limits/disk_bytes", "limits/processes",
	"limits/interrupt_grace_ms",
}

// A tool that is called with all its arguments sends every field of the contract but
// those that are left out.
func TestToolsSendEveryFieldOfTheContract(t *testing.T) {
	fields := contract(t)
	sent := make(requests)
	server, err := mcp.New(mcp.Config{URL: "http://hotcell", Transport: sent})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := sdk.NewInMemoryTransports()
	serving, err := server.Connect(t.Context(), ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer serving.Close()
	assistant, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer assistant.Close()
	schemas := map[string]string{"run_python": "Execution", "run_in_session": "Call", "start_session": "SessionRequest"}
	for tool, err := range assistant.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		schema, ok := schemas[tool.Name]
		if !ok { // it sends no fields
			continue
		}
		delete(schemas, tool.Name)
		clear(sent)
		result, err := assistant.CallTool(t.Context(), &sdk.CallToolParams{Name: tool.Name, Arguments: example(tool.InputSchema)})
		if err != nil || result.IsError {
			t.Fatalf("%s: %v, %+v", tool.Name, err, result)
		}
		have := slices.Sorted(maps.Keys(leftOut[tool.Name]))
		have = append(slices.AppendSeq(have, maps.Keys(sent)), leftOutOfAll...)
		slices.Sort(have)
		if want := fields[schema]; !slices.Equal(have, want) {
			t.Errorf("%s sends, or leaves out,\n%q\nand %s of the contract has\n%q", tool.Name, have, schema, want)
		}
	}
	if len(schemas) > 0 {
		t.Errorf("there are no tools for %v", schemas)
	}
}

// contract reads the fields of the schemas in openapi.yaml. Those of an object within
// are below its name.
func contract(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../supervisor/api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Ref string `yaml:"$ref"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	schemas, fields := document.Components.Schemas, make(map[string][]string)
	for name, schema := range schemas {
		for field, property := range schema.Properties {
			within := schemas[strings.TrimPrefix(property.Ref, "#/components/schemas/")].Properties
			for part := range within {
				fields[name] = append(fields[name], field+"/"+part)
			}
			if len(within) == 0 {
				fields[name] = append(fields[name], field)
			}
		}
		slices.Sort(fields[name])
	}
	return fields
}

// example returns a value that a JSON schema allows, with every property.
func example(schema any) any {
	s, _ := schema.(map[string]any)
	kind, _ := json.Marshal(s["type"]) // one or a list
	switch is := func(name string) bool { return strings.Contains(string(kind), `"`+name+`"`) }; {
	case is("object"):
		object := make(map[string]any)
		properties, _ := s["properties"].(map[string]any)
		for name, property := range properties {
			object[name] = example(property)
		}
		return object
	case is("array"):
		return []any{example(s["items"])}
	case is("number"), is("integer"):
		return 7
	}
	return "x"
}

// requests is a hotcell server that notes the fields of what it is sent, named as in
// contract.
type requests map[string]bool

func (fields requests) RoundTrip(r *http.Request) (*http.Response, error) {
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	for field, value := range body {
		within, _ := value.(map[string]any)
		for part := range within {
			fields[field+"/"+part] = true
		}
		if len(within) == 0 {
			fields[field] = true
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"id": "x", "status": "ok", "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"}`)),
	}, nil
}
