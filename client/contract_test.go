package client_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/client"
)

type schema struct {
	Ref        string            `yaml:"$ref"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
	OneOf      []schema          `yaml:"oneOf"`
	Enum       []any             `yaml:"enum"`
	Others     any               `yaml:"additionalProperties"`
}

type schemas map[string]schema

// contract reads the schemas of the server's openapi.yaml.
func contract(t *testing.T) schemas {
	t.Helper()
	var found []string
	for _, pattern := range []string{"../supervisor/openapi.yaml", "../supervisor/*/openapi.yaml"} {
		files, _ := filepath.Glob(pattern) // fails only for a malformed pattern
		found = append(found, files...)
	}
	if len(found) != 1 {
		t.Fatalf("openapi.yaml must exist once: %q", found)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var document struct{ Components struct{ Schemas schemas } }
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas
}

func (all schemas) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return all.resolve(all[name])
	}
	for _, one := range s.OneOf {
		if one.Ref != "" { // the other one is null
			return all.resolve(one)
		}
	}
	return s
}

// The client has all fields of the contract, by the same names, and no others.
func TestTypesHaveTheFieldsOfTheContract(t *testing.T) {
	all := contract(t)
	for name, value := range map[string]any{
		"Execution": client.Request{}, "SessionRequest": client.SessionRequest{}, "Session": client.SessionState{},
		"Answer": client.Answer{}, "Problem": client.Problem{}, "Info": client.Info{}, "Limits": client.Limits{}, "File": client.File{},
		"Batch": withCases{}, "BatchCase": client.BatchCase{}, "BatchRun": client.BatchRun{}, "BatchSummary": client.BatchSummary{}, "Capacity": client.Capacity{}, "Job": client.Job{}, "JobRequest": client.JobRequest{},
	} {
		all.compare(t, name, all[name], reflect.TypeOf(value))
	}
	// A call of a session has the fields of a request, except profile.
	call, execution := all["Call"].Properties, maps.Clone(all["Execution"].Properties)
	delete(execution, "profile")
	if !slices.Equal(slices.Sorted(maps.Keys(call)), slices.Sorted(maps.Keys(execution))) {
		t.Errorf("a call has other fields than a request without profile: %v", slices.Sorted(maps.Keys(call)))
	}
}

// withCases is a batch as it is sent.
type withCases struct {
	client.BatchRequest
	Cases []client.BatchCase `json:"cases"`
}

func (all schemas) compare(t *testing.T, at string, s schema, kind reflect.Type) {
	s = all.resolve(s)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case s.Items != nil && kind.Kind() == reflect.Slice:
		all.compare(t, at+"[]", *s.Items, kind.Elem())
	case kind.Kind() == reflect.Map:
		if one, ok := s.Others.(map[string]any); ok && one["properties"] != nil {
			text, _ := yaml.Marshal(one)
			var values schema
			if err := yaml.Unmarshal(text, &values); err != nil {
				t.Fatal(err)
			}
			all.compare(t, at+"{}", values, kind.Elem())
		}
	case len(s.Properties) > 0:
		if kind.Kind() != reflect.Struct {
			t.Errorf("%s is an object in the contract, and %v here", at, kind)
			return
		}
		ours := make(map[string]reflect.Type)
		fields(kind, ours)
		if names, want := slices.Sorted(maps.Keys(ours)), slices.Sorted(maps.Keys(s.Properties)); !slices.Equal(names, want) {
			t.Errorf("%s has the fields\n%v, and in the contract\n%v", at, names, want)
		}
		for name, property := range s.Properties {
			if kind, ok := ours[name]; ok {
				all.compare(t, at+"."+name, property, kind)
			}
		}
	}
}

// fields collects the JSON fields of a struct, embedded ones included.
func fields(kind reflect.Type, into map[string]reflect.Type) {
	for field := range kind.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			fields(field.Type, into)
		case name != "-":
			into[name] = field.Type
		}
	}
}

func TestStatusesAndCodesAreThoseOfTheContract(t *testing.T) {
	all := contract(t)
	check := func(name string, ours []string) {
		var want []string
		for _, value := range all[name].Enum {
			want = append(want, value.(string))
		}
		if !slices.Equal(slices.Sorted(slices.Values(ours)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: %v, and in the contract %v", name, ours, want)
		}
	}
	var statuses, codes []string
	for _, status := range client.Statuses {
		statuses = append(statuses, string(status))
	}
	for _, code := range client.Codes {
		codes = append(codes, string(code))
	}
	check("Status", statuses)
	var ofJobs []string
	for _, status := range client.JobStatuses {
		ofJobs = append(ofJobs, string(status))
	}
	check("JobStatus", ofJobs)
	check("Code", codes)
}

// Programs that import the client do not link the server.
func TestTheClientIsLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if path != "github.com/hotcell/hotcell/client" && !strings.HasPrefix(path, "github.com/coder/websocket") {
			t.Errorf("it links %s", path)
		}
	}
}
