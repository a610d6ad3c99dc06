package sandboxfusion_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/faked"
	"github.com/hotcell/hotcell/compat/sandboxfusion"
)

func TestListsHaveABound(t *testing.T) {
	var files []string
	for i := range compat.MostItems + 1 {
		files = append(files, fmt.Sprintf(`"%d":""`, i))
	}
	texts := `"` + strings.Repeat(`","`, compat.MostItems) + `"`
	for body, path := range map[string]string{
		`{"code":"1","fetch_files":[` + texts + `]}`:                 "/run_code",
		`{"code":"1","files":{` + strings.Join(files, ",") + `}}`:    "/run_code",
		`{"cells":[` + texts + `]}`:                                  "/run_jupyter",
		`{"cells":["1"],"fetch_files":[` + texts + `]}`:              "/run_jupyter",
		`{"cells":["1"],"files":{` + strings.Join(files, ",") + `}}`: "/run_jupyter",
	} {
		hotcell := new(faked.Hotcell)
		w := httptest.NewRecorder()
		faked.Serve(sandboxfusion.New(), hotcell).ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Code != 400 || len(hotcell.Asked()) != 0 {
			t.Errorf("%s %.40s: HTTP %d %s, asked %d", path, body, w.Code, w.Body, len(hotcell.Asked()))
		}
	}
}

func TestARefusalRepeatsLittle(t *testing.T) {
	long := strings.Repeat("\u0001", 1<<16)
	text := strings.ReplaceAll(long, "\u0001", `\u0001`)
	for body, path := range map[string]string{
		`{"code":"1","language":"` + text + `"}`:       "/run_code",
		`{"code":"1","fetch_files":["/` + text + `"]}`: "/run_code",
		`{"code":"1","files":{"/` + text + `":""}}`:    "/run_code",
		`{"code":"1","files":{"` + text + `":"?"}}`:    "/run_code",
		`{"cells":["1"],"kernel":"` + text + `"}`:      "/run_jupyter",
	} {
		w := httptest.NewRecorder()
		faked.Serve(sandboxfusion.New(), new(faked.Hotcell)).ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Body.Len() > 2<<10 {
			t.Errorf("%s %.40s: HTTP %d with %d bytes", path, body, w.Code, w.Body.Len())
		}
	}
}
