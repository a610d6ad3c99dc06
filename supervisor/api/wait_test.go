package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
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
		if got := api.Wait(http.Header{"Prefer": test.prefer}); got != test.want {
			t.Errorf("%q: %v, want %v", test.prefer, got, test.want)
		}
	}
	if both := (http.Header{"Prefer": {"wait=10, Queue=2.5"}}); api.Queue(both) != 2500*time.Millisecond || api.Wait(both) != 10*time.Second {
		t.Errorf("in a session %v, in all %v", api.Queue(both), api.Wait(both))
	}
	if got := api.Queue(http.Header{"Prefer": {"wait=10"}}); got != 0 {
		t.Errorf("a client that does not say so waits %v in a session", got)
	}
}
