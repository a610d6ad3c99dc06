package hotcell_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The Python client knows each field of a request, of an answer and of the limits.
// Fields that it does not know still work, but editors do not offer them.
func TestThePythonClientHasEveryField(t *testing.T) {
	const dir = "clients/python/src/hotcell/"
	elsewhere := map[string]bool{"script": true} // an argument of its own
	for schema, file := range map[string]string{"Execution": "_request.py", "Limits": "_request.py", "Answer": "_answer.py"} {
		text, err := os.ReadFile(dir + file)
		if err != nil {
			t.Fatal(err)
		}
		properties := contract(t).Components.Schemas[schema].Properties
		if len(properties) == 0 {
			t.Errorf("openapi.yaml has no fields for %s", schema)
		}
		for field := range properties {
			if !elsewhere[field] && !regexp.MustCompile(`(?m)^    `+field+`: `).Match(text) {
				t.Errorf("%s%s does not have %s of %s", dir, file, field, schema)
			}
		}
	}
}

func TestThePythonClientHasEveryStatus(t *testing.T) {
	text, err := os.ReadFile("clients/python/src/hotcell/_types.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range contract(t).Components.Schemas["Status"].Enum {
		if !regexp.MustCompile(`(?m)^    ` + strings.ToUpper(status) + ` = "` + status + `"$`).Match(text) {
			t.Errorf("its Status has no %s", status)
		}
	}
}
