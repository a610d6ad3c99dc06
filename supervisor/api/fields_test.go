package api

import (
	"maps"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

// contract returns the fields of a schema in openapi.yaml.
func contract(t *testing.T, schema string) map[string]any {
	t.Helper()
	var document struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := yaml.Unmarshal(OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas[schema].Properties
}

// A field that is read but is not in the contract is unknown to clients.
func TestTheContractHasEveryFieldThatIsRead(t *testing.T) {
	for schema, names := range map[string][]string{
		"Execution": namesOf(executionFields), "SessionRequest": namesOf(sessionFields), "Lifetime": namesOf(lifetimeFields), "File": namesOf(fileFields),
		"Batch": namesOf(batchFields), "BatchCase": namesOf(caseFields),
	} {
		if want := slices.Sorted(maps.Keys(contract(t, schema))); !slices.Equal(names, want) {
			t.Errorf("%s has the fields %q, and those that are read are %q", schema, want, names)
		}
	}
}

func namesOf[T any](fields []field[T]) (names []string) {
	for _, row := range fields {
		names = append(names, row.name)
	}
	slices.Sort(names)
	return names
}

// A field that the contract has and no decoder reads is refused as unknown.
func TestEveryFieldOfTheContractIsRead(t *testing.T) {
	profile := config.Default().Profile
	profiles := []config.Profile{profile}
	for schema, decode := range map[string]func([]byte) *Problem{
		"Execution": func(body []byte) *Problem { _, p := DecodeExecution(body, profiles); return p },
		"Call": func(body []byte) *Problem {
			_, p := DecodeCall(body, nsjail.Limits{}, protocol.ScriptFunction, &profile)
			return p
		},
		"Batch": func(body []byte) *Problem { _, p := DecodeBatch(body, profiles); return p },
		"SessionRequest": func(body []byte) *Problem {
			_, p := DecodeSession(body, profiles, time.Hour, time.Hour)
			return p
		},
	} {
		fault := func(field string) string { // the error for a value whose type no field has
			if problem := decode([]byte(`{"` + field + `": null}`)); problem != nil {
				for _, fault := range problem.Errors {
					if fault.Pointer == "/"+field {
						return fault.Message
					}
				}
			}
			return ""
		}
		unknown, properties := fault("nonsense"), contract(t, schema)
		if unknown == "" || len(properties) == 0 {
			t.Fatalf("%s: an unknown field is taken, or the contract has no fields: %v", schema, properties)
		}
		for field := range properties {
			if fault(field) == unknown {
				t.Errorf("%s: %s is in the contract, and refused: %s", schema, field, unknown)
			}
		}
	}
}
