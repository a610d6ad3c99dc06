package supervisor

import (
	"net/http"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestAWaitEndsWithTheClientsPatienceAndTheServersMaximum(t *testing.T) {
	cfg := config.Config{MaxWait: 10 * time.Second}
	for _, test := range []struct{ patience, longest, expected time.Duration }{
		{0, 10 * time.Second, 0},
		{time.Second, 900 * time.Millisecond, time.Second / 2},
		{8 * time.Second, 7200 * time.Millisecond, 4 * time.Second},
		{time.Minute, 10 * time.Second, 30 * time.Second},
		{1, 1, 1},
	} {
		x := &exchange{patience: test.patience}
		if longest, expected := x.longestWait(cfg), x.expected().Answer; longest != test.longest || expected != test.expected {
			t.Errorf("%v: waits %v and may be expected to take %v, want %v and %v", test.patience, longest, expected, test.longest, test.expected)
		}
	}
}

func TestTheContractHasPreferWhereRequestsQueue(t *testing.T) {
	queues := 0
	for _, route := range new(Service).routes() {
		if route.queues && route.method == http.MethodPost {
			queues++
			if !takes(t, route.path, "Prefer") {
				t.Errorf("POST %s does not name it", route.path)
			}
		}
	}
	if queues < 4 {
		t.Errorf("only %d routes queue", queues)
	}
}
