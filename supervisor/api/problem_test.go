package api

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"testing"
	"time"
)

func TestProblemsHaveTheContractsForm(t *testing.T) {
	p := Refuse(CodeSaturated, "all %d", 3)
	p.RetryAfter, p.Cause = 1200*time.Millisecond, errors.New("secret")
	w := httptest.NewRecorder()
	p.Write(w, "id-1")
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "urn:hotcell:problem:saturated", "title": "All places are taken", "status": 503.0, "detail": "all 3", "code": "saturated",
		"request_id": "id-1", "error": map[string]any{"type": "saturated", "message": "all 3", "line": nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestEveryCodeHasAStatusAndATitle(t *testing.T) {
	for code, row := range codes {
		if row.status < 400 || row.title == "" {
			t.Errorf("%s: %+v", code, row)
		}
	}
}
