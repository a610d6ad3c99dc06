package fusion_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/bench/fusion"
)

func TestProgramsDifferAndSomeAreWrong(t *testing.T) {
	for data, mustBeWrong := range map[bool]int{false: 60, true: 0} {
		codes, wrong := make(map[string]bool), 0
		for _, p := range fusion.Programs(240, data) {
			codes[p.Code] = true
			if p.Verdict != fusion.Accepted {
				wrong++
			}
			if uses := strings.Contains(p.Code, "import numpy") || strings.Contains(p.Code, "import pandas"); uses != data {
				t.Errorf("data %v: %s", data, p.Code)
			}
		}
		if len(codes) != 240 || wrong != mustBeWrong {
			t.Errorf("data %v: %d texts, %d wrong", data, len(codes), wrong)
		}
	}
}

func TestAnAnswerIsJudgedAsATrainerDoes(t *testing.T) {
	for _, c := range []struct {
		status int
		answer string
		want   fusion.Verdict
	}{
		{200, `{"status":"Success","run_result":{"status":"Finished","return_code":0,"stdout":"True\n"}}`, fusion.Accepted},
		{200, `{"status":"Success","run_result":{"status":"Finished","return_code":0,"stdout":"False\n"}}`, fusion.WrongAnswer},
		{200, `{"status":"Failed","run_result":{"status":"Finished","return_code":1,"stdout":"True\n"}}`, fusion.RuntimeError},
		{200, `{"status":"Failed","run_result":{"status":"TimeLimitExceeded","return_code":null,"stdout":"True\n"}}`, fusion.TimedOut},
		{200, `{"status":"SandboxError","run_result":null}`, fusion.SandboxError},
		{200, `<html>`, fusion.SandboxError},
		{504, `{"status":"Success","run_result":{"status":"Finished","return_code":0,"stdout":"True\n"}}`, fusion.SandboxError},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body["language"] != "python" || body["code"] == "" {
				t.Errorf("%v %v", body, err)
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.answer)
		}))
		load, verdicts := fusion.Batch(t.Context(), server.URL, fusion.Programs(1, false), 4)
		server.Close()
		if !slices.Equal(verdicts, []fusion.Verdict{c.want}) || (load.Err == nil) != (c.want == fusion.Accepted) {
			t.Errorf("%s: %q %v", c.answer, verdicts, load.Err)
		}
	}
}

func TestABatchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	defer server.Close()
	if _, verdicts := fusion.Batch(ctx, server.URL, fusion.Programs(1000, false), 1); verdicts[999] != "" {
		t.Errorf("the last program has the verdict %q", verdicts[999])
	}
}
