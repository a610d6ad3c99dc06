package supervisor_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
)

// batching is a batch whose client sends and reads at once.
type batching struct {
	t     testing.TB
	send  *io.PipeWriter
	lines *bufio.Reader
	end   func()
}

func (s *service) batching(head string) *batching {
	s.t.Helper()
	body, send := io.Pipe()
	ctx, cancel := context.WithCancel(s.t.Context())
	r := s.request("POST", "/batches", "x").WithContext(ctx)
	r.Body, r.ContentLength, r.GetBody = body, -1, nil
	answered := make(chan *http.Response, 1)
	go func() {
		w, err := http.DefaultClient.Do(r) // #nosec G704 -- the body is closed by end
		if err != nil {
			s.t.Error(err)
		}
		answered <- w
	}()
	b := &batching{t: s.t, send: send}
	b.write(head)
	w := <-answered
	b.end = func() { cancel(); _ = body.Close(); _ = w.Body.Close() }
	b.lines = bufio.NewReader(w.Body)
	return b
}

func (b *batching) write(text string) {
	b.t.Helper()
	if _, err := io.WriteString(b.send, text); err != nil {
		b.t.Fatal(err)
	}
}

func (b *batching) read() (line struct {
	Case    int
	Verdict string
	Counts  map[string]int
	Cases   int
	Problem *struct{ Code string }
}) {
	b.t.Helper()
	text, err := b.lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &line)
	}
	if err != nil {
		b.t.Fatalf("%v: %s", err, text)
	}
	return line
}

// A case is run when it is there: its client may wait for each line before it sends the
// next case, and the batch has no length.
func TestABatchIsReadAsItIsRun(t *testing.T) {
	s := theService(t)
	b := s.batching(`{"script":"print(input())","mode":"program","cases":[{"stdin":"0","expected_stdout":"0"}`)
	defer b.end()
	for i := range 5 {
		if line := b.read(); line.Case != i || line.Verdict != "accepted" {
			t.Fatalf("%+v", line)
		}
		b.write(fmt.Sprintf(`,{"stdin":"%d","expected_stdout":"%d"}`, i+1, i+1))
	}
	b.read()
	b.write(`]}`)
	_ = b.send.Close()
	if last := b.read(); last.Cases != 6 || last.Counts["accepted"] != 6 {
		t.Errorf("%+v", last)
	}
}

// Its cells are cheap to make, and give way to those of other requests while they run.
func TestCellsOfABatchDoNotRehearseAndHaveALowerWeight(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Profile.PoolSize = 1 })
	s.eventually("the pool is full", func() bool { return s.metric("hotcell_cells", "state=ready") == 1 })
	rehearsed := func() float64 {
		return s.metric("hotcell_cell_start_duration_seconds", "step=rehearse")
	}
	before, made := rehearsed(), s.metric("hotcell_cells_made_total")
	b := s.batching(`{"script":"import time\ntime.sleep(float(input()))","mode":"program","cases":[{"stdin":"0"}` + strings.Repeat(`,{"stdin":"0"}`, 9))
	defer b.end()
	for range 10 {
		b.read()
	}
	if now := rehearsed(); now != before || s.metric("hotcell_cells_made_total") < made+10 {
		t.Errorf("%v cells were made, and %v of them rehearsed", s.metric("hotcell_cells_made_total")-made, now-before)
	}
	b.write(`,{"stdin":"60"}`)
	s.eventually("the run of a batch has a quarter of the weight", func() bool { return slices.Contains(s.weights(), 25) })
}

// weights returns those of all cells against others that want a processor, in percent of
// the usual weight.
func (s *service) weights() (percent []int) {
	s.t.Helper()
	lists, _ := filepath.Glob(filepath.Join(s.dir, "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for root := range strings.Lines(string(text)) {
			for file, usual := range map[string]int{"cpu.shares": 1024, "cpu.weight": 100} {
				cells, _ := filepath.Glob(filepath.Join(strings.TrimSpace(root), "cell-*", file))
				for _, cell := range cells {
					weight, _ := os.ReadFile(cell)
					if n, err := strconv.Atoi(strings.TrimSpace(string(weight))); err == nil {
						percent = append(percent, 100*n/usual)
					}
				}
			}
		}
	}
	return percent
}

// What has begun ends as usual, and nobody waits for a client that might send more.
func TestADrainDoesNotWaitForTheCasesOfABatch(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.DrainGrace = longGrace })
	b := s.batching(`{"script":"import time\nprint(1)\ntime.sleep(float(input()))","mode":"program","cases":[{"stdin":"0"}`)
	defer b.end()
	b.read()
	b.write(`,{"stdin":"0.5"}`)
	s.eventually("it has begun", func() bool {
		return s.metric("hotcell_batch_running") > 0 || s.metric("hotcell_batch_runs_total", "verdict=accepted") == 2
	})
	drained := s.drains()
	if line := b.read(); line.Case != 1 || line.Verdict != "accepted" {
		t.Errorf("what had begun: %+v", line)
	}
	if last := b.read(); last.Counts["accepted"] != 2 || last.Problem == nil || last.Problem.Code != "draining" {
		t.Errorf("%+v", last)
	}
	inTime(t, "the drain waits for more cases", drained)
}

func TestABatchThatItsClientLeavesFreesItsPlaces(t *testing.T) {
	s := theService(t)
	b := s.batching(`{"script":"import time\nprint(1)\ntime.sleep(float(input()))","mode":"program","cases":[{"stdin":"0"}` + strings.Repeat(`,{"stdin":"9"}`, 20))
	b.read()
	s.eventually("its runs begin", func() bool { return s.metric("hotcell_batch_running") > 0 })
	b.end()
	s.eventually("its places are free", func() bool {
		return s.metric("hotcell_batch_running") == 0 && s.metric("hotcell_batch_waiting") == 0 && s.metric("hotcell_running") == 0
	})
}

// A client that does not read its lines holds memory that is bounded, and no place.
func TestABatchWhoseClientDoesNotReadHoldsNoPlace(t *testing.T) {
	s := theService(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	body := `{"script":"print('x' * 900000)","mode":"program","cases":[{}` + strings.Repeat(`,{}`, 2000) + `]}`
	if _, err := fmt.Fprintf(connection, "POST /batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	s.eventually("runs have ended", func() bool { return s.metric("hotcell_batch_runs_total", "verdict=accepted") > 0 })
	before := -1.0
	testkit.Eventually(t, "no more runs begin", func() bool {
		now := s.metric("hotcell_batch_runs_total", "verdict=accepted")
		rests := now == before && s.metric("hotcell_batch_running") == 0
		before = now
		return rests
	}, nil)
	if a := s.execute("def main(): return 1"); a.http != 200 || before > 200 {
		t.Errorf("%d; %v runs have ended, and nobody reads them", a.http, before)
	}
}

func TestCapacityTellsWhatRuns(t *testing.T) {
	s := start(t, func(cfg *config.Config) { cfg.Profile.PoolSize, cfg.MaxRunning = 2, 3 })
	var told struct {
		Profiles   map[string]struct{ Ready, Target int }
		Running    int
		MaxRunning int `json:"max_running"`
		Suggested  int `json:"suggested_concurrency"`
	}
	s.eventually("cells are warm", func() bool {
		if err := json.Unmarshal([]byte(s.get("/capacity").body), &told); err != nil {
			t.Fatal(err)
		}
		return told.Profiles["default"].Ready == 2
	})
	if told.Profiles["default"].Target != 2 || told.Running != 0 || told.MaxRunning != 3 || told.Suggested != 3 {
		t.Errorf("%+v", told)
	}
}
