package batches

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
)

// place is one without a cell.
type place func(ctx context.Context) (protocol.Status, error)

func (p place) Run(ctx context.Context, _ nsjail.Job) (*api.Reply, error) {
	status, err := p(ctx)
	if err != nil {
		return nil, err
	}
	return &api.Reply{Verdict: nsjail.Verdict{Status: status}}, nil
}

func (place) Yield() {}

func (place) Leave() {}

// serve runs a batch of such places.
func serve(t *testing.T, wait context.Context, given api.Batch, cases io.Reader, begin func() Place, ran func()) (Summary, error) {
	t.Helper()
	body, _, err := OpenStream(io.MultiReader(strings.NewReader(`{"cases":[`), cases), 1<<20, func(int64) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return Serve(t.Context(), wait, httptest.NewRecorder(), given, body, Config{
		AtOnce: 4, Begin: func(context.Context, *nsjail.Job) (Place, error) { return begin(), nil },
		Watch:   func(_, _ func()) func() { return func() {} },
		Turn:    func(_ context.Context, _ int, work func()) error { work(); return nil },
		Explain: func(_ context.Context, err error) error { return err },
		Ran:     func(api.Verdict) { ran() },
	})
}

// Nobody may write to a client's answer once its handler is over.
func TestAPanicOfABatchComesAfterTheEndOfItsRuns(t *testing.T) {
	begun, ended := 0, false
	func() {
		defer func() {
			if recover() == nil || !ended {
				t.Errorf("%d runs have begun, and the first has ended is %v", begun, ended)
			}
		}()
		_, _ = serve(t, t.Context(), api.Batch{Scripts: []string{"x"}}, strings.NewReader("{},{}]}"), func() Place {
			if begun++; begun == 2 {
				panic("secret")
			}
			return place(func(ctx context.Context) (protocol.Status, error) {
				<-ctx.Done()
				ended = true
				return "", context.Cause(ctx)
			})
		}, func() {})
	}()
}

func TestARunThatPanicsCountsAsNotRun(t *testing.T) {
	summary, err := serve(t, t.Context(), api.Batch{Scripts: []string{"x"}}, strings.NewReader("{}]}"), func() Place {
		return place(func(context.Context) (protocol.Status, error) { panic("secret") })
	}, func() {})
	if summary.Cases != 1 || summary.NotRun != 1 || err == nil {
		t.Errorf("%+v, %v", summary, err)
	}
}

var errRevoked = errors.New("the key was revoked")

func TestNoRunBeginsWhenTheBatchMayWaitNoLonger(t *testing.T) {
	for range 20 { // a place is free, too
		wait, revoke := context.WithCancelCause(t.Context())
		begun := 0
		summary, err := serve(t, wait, api.Batch{Scripts: []string{"x", "y", "z"}}, strings.NewReader("{},{},{}]}"), func() Place {
			begun++
			revoke(errRevoked)
			return place(func(context.Context) (protocol.Status, error) { return protocol.StatusOK, nil })
		}, func() {})
		if begun != 1 || summary.Cases != 1 || summary.NotRun != 2 || summary.Counts[api.VerdictAccepted] != 1 || !errors.Is(err, errRevoked) {
			t.Fatalf("%d have begun: %+v, %v", begun, summary, err)
		}
	}
}

// cases is the rest of a body, which goes on without an end once it has begun.
type cases struct{ begin chan struct{} }

func (c cases) Read(into []byte) (int, error) {
	<-c.begin
	return copy(into, ",{}"), nil
}

func TestABatchOfWhichNothingIsLeftToRunEndsWithItsKey(t *testing.T) {
	wait, revoke := context.WithCancelCause(t.Context())
	all := cases{make(chan struct{})}
	summary, err := serve(t, wait, api.Batch{Scripts: []string{"x"}, StopOnFailure: true}, io.MultiReader(strings.NewReader("{}"), all), func() Place {
		return place(func(context.Context) (protocol.Status, error) { return protocol.StatusTimeout, nil })
	}, sync.OnceFunc(func() { revoke(errRevoked); close(all.begin) }))
	if summary.Cases != 2 || summary.NotRun != 1 || !errors.Is(err, errRevoked) {
		t.Errorf("%+v, %v", summary, err)
	}
}
