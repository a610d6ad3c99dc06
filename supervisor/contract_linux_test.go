package supervisor_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

// contract checks what the tests send and receive against openapi.yaml.
var contract = sync.OnceValues(func() (validator.Validator, error) {
	text, err := os.ReadFile("api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	v, errs := validator.NewValidator(document)
	return v, errors.Join(errs...)
})

func TestTheContractIsAValidDocument(t *testing.T) {
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	if ok, problems := v.ValidateDocument(); !ok {
		for _, problem := range problems {
			t.Errorf("%s: %s", problem.Message, problem.Reason)
		}
	}
}

// largest is the size up to which answers are checked. Longer ones are few, and
// checking them is slow.
const largest = 1 << 20

// holdToContract checks that the contract allows an answer, and the request if it was
// accepted. The contract does not cover unknown addresses and methods, or the lines
// of a stream.
func (s *service) holdToContract(r *http.Request, a answer) {
	s.t.Helper()
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	if r.Method == http.MethodHead || strings.HasPrefix(r.URL.Path, "/debug/") || kind == "application/x-ndjson" || kind == "text/event-stream" || a.http == http.StatusMethodNotAllowed || a.http == http.StatusNotFound && a.problem.Code == "not_found" || len(a.body) > largest || r.URL.Path == "/mcp" {
		return
	}
	v, err := contract()
	if err != nil {
		s.t.Fatal(err)
	}
	response := &http.Response{
		StatusCode: a.http, Header: a.header, Body: io.NopCloser(bytes.NewReader([]byte(a.body))), Request: r, ContentLength: int64(len(a.body)),
	}
	if ok, problems := v.ValidateHttpResponse(r, response); !ok {
		for _, problem := range problems {
			s.t.Errorf("the answer to %s %s is not in the contract: %s: %s %v\n%.500s", r.Method, r.URL.Path, problem.Message, problem.Reason, problem.SchemaValidationErrors, a.body)
		}
	}
	if a.http >= 300 || r.ContentLength > largest {
		return
	}
	again := r.Clone(r.Context())
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			s.t.Fatal(err)
		}
	}
	if ok, problems := v.ValidateHttpRequest(again); !ok {
		for _, problem := range problems {
			s.t.Errorf("%s %s was taken, and is not in the contract: %s: %s %v", r.Method, r.URL.Path, problem.Message, problem.Reason, problem.SchemaValidationErrors)
		}
	}
}
