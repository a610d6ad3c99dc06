package sandboxfusion_test

import (
	"net/http/httptest"
	"strings"
	"testing"

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
