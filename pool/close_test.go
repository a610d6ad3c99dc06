package pool_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

func TestCloseWaitsForReleaseAndDestroy(t *testing.T) {
	slow := func(_ *works, c *pool.Config[*cell]) {
		destroy := c.Destroy
		c.Destroy = func(c *cell) { time.Sleep(time.Second); destroy(c) }
	}
	inBubble(t, 2, slow, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		l := claim(t, p)
		go func() {
			time.Sleep(time.Minute)
			l.Release()
		}()
		start := time.Now()
		p.Close()
		if took := time.Since(start); took != time.Minute+time.Second {
			t.Errorf("took %v, want a minute until the release and a second until it is destroyed", took)
		}
		if _, err := p.Claim(t.Context()); err != pool.ErrClosed {
			t.Errorf("claim after Close: %v", err)
		}
		p.Close()
	})
}

func TestCloseCancelsMakeWithoutCountingAFailure(t *testing.T) {
	inBubble(t, 1, manual, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		waiter := begin(p)
		p.Close()
		synctest.Wait()
		if waiter.waits() || waiter.err != pool.ErrClosed {
			t.Errorf("the waiter got %v", waiter.err)
		}
		if s := p.Stats(); s.MakeFailures != 0 || s.Made != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCloseDestroysACellWhoseMakeWouldNotBeCancelled(t *testing.T) {
	stubborn := func(w *works, c *pool.Config[*cell]) {
		w.takes = time.Second
		c.Make = func(_ context.Context, order pool.Order) (*cell, error) {
			return w.make(context.Background(), order)
		}
	}
	inBubble(t, 1, stubborn, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		claim(t, p).Release() // begins a make
		p.Close()
		if got := w.destroyedIDs(); len(got) != 2 {
			t.Errorf("destroyed %v, want two", got)
		}
	})
}

func TestDrainSaysWhatIsLeftWhenItsContextEnds(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		l := claim(t, p)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Drain(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "1 claimed") {
			t.Errorf("error %v", err)
		}
		l.Release()
		synctest.Wait()
		if err := p.Drain(ctx); err != nil {
			t.Errorf("with nothing left: %v", err)
		}
	})
}

func TestAClosedPoolStaysEmptyWhateverIsAskedOfIt(t *testing.T) {
	edit := func(_ *works, c *pool.Config[*cell]) { c.MaxAge = time.Second }
	inBubble(t, 2, edit, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		p.Close()
		_ = p.Resize(5)
		p.Replace(all)
		p.Discard(all)
		time.Sleep(time.Minute)
		expect(t, p, 0, 0, 0, 0)
	})
}
