package e2b

import (
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/compat/faked"
)

func TestSandboxesWhoseTimeIsOverAreForgotten(t *testing.T) {
	old := func(id string, ended time.Duration) *sandbox {
		return &sandbox{id: id, owner: "removed", ends: time.Now().Add(-ended), contexts: []*codeContext{newContext(id, "")}}
	}
	s := &sandboxes{known: make(map[string]*sandbox)}
	busy := old("busy", time.Hour)
	done, err := busy.contexts[0].take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, box := range []*sandbox{old("past", time.Hour), old("lives", -time.Hour), old("just ended", time.Second), busy} {
		s.known[box.id] = box
	}
	s.add(old("new", -time.Hour))
	for id, want := range map[string]bool{"past": false, "lives": true, "just ended": true, "busy": true, "new": true} {
		if (s.find(id) != nil) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
	done()
	s.add(old("another", -time.Hour))
	if s.find("busy") != nil {
		t.Error("it is kept for good")
	}
}

// The sandbox of debug mode has one id for everybody.
func TestWithKeysThereIsNoSandboxForAll(t *testing.T) {
	hotcell := new(faked.Hotcell)
	r := httptest.NewRequest("POST", "/execute", strings.NewReader(`{"code": "1"}`))
	r.Header.Set("E2b-Sandbox-Id", debugID)
	w := httptest.NewRecorder()
	faked.Serve(New(), hotcell).ServeHTTP(w, r)
	if w.Code != 502 || len(hotcell.Asked()) != 0 {
		t.Errorf("HTTP %d, asked %v", w.Code, hotcell.Asked())
	}
}

func TestACallThatSaysTooMuchIsRefused(t *testing.T) {
	for path, body := range map[string]string{
		"/filesystem.Filesystem/Stat": `{"path": "` + strings.Repeat("x", maxAsked) + `"}`,
		"/process.Process/Start":      `     {"process": {"cmd": "` + strings.Repeat("x", maxAsked) + `"}}`,
	} {
		w := httptest.NewRecorder()
		faked.Serve(New(), new(faked.Hotcell)).ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		if w.Code != 413 {
			t.Errorf("%s: HTTP %d %s", path, w.Code, w.Body)
		}
	}
}

func TestTheColumnsOfManyRowsTakeFewTimesTheirSize(t *testing.T) {
	const rows = 30_000
	text := []byte("[" + strings.Repeat(`{"":1},`, rows) + `{"":1}]`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found := columns(text)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; len(found[""]) != rows+1 || took > 30*uint64(len(text)) {
		t.Errorf("%d rows of %d bytes took %d bytes", len(found[""]), len(text), took)
	}
}

func TestAListHasTheSandboxesOfNodesThatSpeakItsLanguage(t *testing.T) {
	w := httptest.NewRecorder()
	hotcell := &faked.Hotcell{Others: []string{`nonsense`, `{}`, `[{"sandboxID":"theirs"}]`}}
	faked.Serve(New(), hotcell).ServeHTTP(w, httptest.NewRequest("GET", "/v2/sandboxes", nil))
	if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != `[{"sandboxID":"theirs"}]` {
		t.Errorf("HTTP %d %s", w.Code, got)
	}
}
