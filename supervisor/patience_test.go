package supervisor

import (
	"net/http"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestAClientsOwnPatienceIsReadFromPrefer(t *testing.T) {
	for _, test := range []struct {
		prefer []string
		want   time.Duration
	}{
		{nil, 0},
		{[]string{"wait=10"}, 10 * time.Second},
		{[]string{"respond-async, WAIT = 3"}, 3 * time.Second},
		{[]string{"respond-async", `wait="2"; foo=bar`}, 2 * time.Second},
		{[]string{"wait=0.25"}, 250 * time.Millisecond},
		{[]string{"wait=1, wait=5"}, time.Second},
		{[]string{"wait=0"}, 1},
		{[]string{"wait=1e300"}, 24 * time.Hour},
		{[]string{"wait=-1"}, 0},
		{[]string{"wait=NaN"}, 0},
		{[]string{"wait=Inf"}, 0},
		{[]string{"wait=soon"}, 0},
		{[]string{"wait"}, 0},
		{[]string{"await=3"}, 0},
	} {
		if got := patience(http.Header{"Prefer": test.prefer}); got != test.want {
			t.Errorf("%q: %v, want %v", test.prefer, got, test.want)
		}
	}
}

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
