package pool_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/hotcell/hotcell/pool"
)

// BenchmarkClaimOfAReadyOne measures what a request pays. No refill starts meanwhile,
// because the pool yields.
func BenchmarkClaimOfAReadyOne(b *testing.B) {
	const target = 256
	p, err := pool.New(pool.Config[int]{
		Target:  target,
		YieldAt: 1,
		MaxAge:  time.Hour,
		Make:    func(context.Context, pool.Order) (int, error) { return 1, nil },
		Destroy: func(int) {},
		Alive:   func(int) bool { return true },
	})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	ctx := b.Context()
	leases := make([]*pool.Lease[int], 0, target)
	b.ReportAllocs()
	for n := 0; n < b.N; n += target {
		b.StopTimer()
		for _, l := range leases {
			l.Release()
		}
		leases = leases[:0]
		for p.Stats().Ready < target {
			runtime.Gosched()
		}
		b.StartTimer()
		for range min(target, b.N-n) {
			l, err := p.Claim(ctx)
			if err != nil {
				b.Fatal(err)
			}
			leases = append(leases, l)
		}
	}
	b.StopTimer()
	for _, l := range leases {
		l.Release()
	}
}

// BenchmarkWholeLife measures one make, claim, release and destroy with functions
// that do nothing: the processor time of the pool itself.
func BenchmarkWholeLife(b *testing.B) {
	p, err := pool.New(pool.Config[int]{
		Target:  64,
		Make:    func(context.Context, pool.Order) (int, error) { return 1, nil },
		Destroy: func(int) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		l, err := p.Claim(ctx)
		if err != nil {
			b.Fatal(err)
		}
		l.Release()
	}
}
