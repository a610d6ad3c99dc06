package sandboxfusion_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/faked"
	"github.com/hotcell/hotcell/compat/sandboxfusion"
)

func TestAListInABodyHasABound(t *testing.T) {
	long := "[" + strings.Repeat(`"",`, compat.MostItems) + `""]`
	for body, path := range map[string]string{
		`{"cells": ` + long + `}`:       "/run_jupyter",
		`{"fetch_files": ` + long + `}`: "/run_code",
	} {
		w := httptest.NewRecorder()
		faked.Serve(sandboxfusion.New(), &faked.Hotcell{}).ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Code != 400 || !strings.Contains(w.Body.String(), "more than 1000 entries") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// A number of a body may be larger than any duration.
func TestATimeOfANotebookIsAtMostTheMaximum(t *testing.T) {
	for times, want := range map[string]int64{
		`"total_timeout": 45`: 45_000, `"total_timeout": 1e10`: 60_000, `"total_timeout": 1e308`: 60_000,
		`"cell_timeout": 0.5`: 500, `"cell_timeout": 1e-9`: 1, `"cell_timeout": 1e10, "total_timeout": 1e10`: 60_000, `"cell_timeout": 1e308, "total_timeout": 1e308`: 60_000,
		`"cell_timeout": -1e308, "total_timeout": 1e308`: 60_000,
	} {
		h := &faked.Hotcell{Limits: compat.Limits{Max: client.Limits{WallMS: 60_000}}, Answer: client.Answer{ID: "X", Ending: client.Ending{Status: client.StatusOK}}}
		w := httptest.NewRecorder()
		faked.Serve(sandboxfusion.New(), h).ServeHTTP(w, httptest.NewRequest("POST", "/run_jupyter", strings.NewReader(`{"cells": ["1"], `+times+`}`)))
		asked := h.Asked()
		if len(asked) != 2 || asked[1].Limits == nil { // the session, and its cell
			t.Errorf("%s: %d requests; HTTP %d %s", times, len(asked), w.Code, w.Body)
			continue
		}
		if got := asked[1].Limits.WallMS; got > want || got < want/2 {
			t.Errorf("%s: %d ms, not %d", times, got, want)
		}
	}
}
