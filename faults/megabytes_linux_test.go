package faults_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// Large arguments that come back as the result need at most three times the bytes in
// flight. Each request waits until those of the one before are collected.
func TestMegabytesNeedThreeTimesTheirBytes(t *testing.T) {
	withoutRaceDetector(t)
	p := start(t, nil, newState(t), testkit.OwnAddress(), "--preload", "", "--max-body", "32MiB", "--limits-default-result", "32MiB")
	const size = 30 << 20
	body := []byte(`{"script": "def main(text): return text", "args": ["` + strings.Repeat("0123456789abcdef", size/16) + `"]}`)
	idle := p.heap(t)
	for range 3 {
		response, err := http.Post(p.url+"/execute", "application/json", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Status, Result string }
		err = json.NewDecoder(response.Body).Decode(&answer)
		_ = response.Body.Close()
		if err != nil || answer.Status != "ok" || len(answer.Result) != size {
			t.Fatalf("status %q with %d bytes, %v", answer.Status, len(answer.Result), err)
		}
		p.eventually("what it held is collected", func() bool { return p.heap(t) < idle+size/2 })
	}
	if peak := resident(p.Process.Pid); peak > 3*2*size {
		t.Errorf("%d bytes were resident, of %d in flight", peak, 2*size)
	}
	p.mustEndCleanly()
}

// heap returns how many bytes the program's heap has, with those that are not collected.
func (p *program) heap(t *testing.T) int {
	t.Helper()
	text, err := p.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(text, "\ngo_memstats_heap_alloc_bytes ")
	line, _, _ := strings.Cut(after, "\n")
	bytes, err := strconv.ParseFloat(line, 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(bytes)
}
