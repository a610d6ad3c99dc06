package uids_test

import (
	"slices"
	"testing"

	"github.com/hotcell/hotcell/nsjail/uids"
)

func take(t *testing.T, pool *uids.Pool) int {
	t.Helper()
	uid, err := pool.Take()
	if err != nil {
		t.Fatal(err)
	}
	return uid
}

func TestNoTwoLiveCellsShareAUIDAndTheZygotesIsNeverGiven(t *testing.T) {
	pool := uids.NewPool(uids.Range{First: 20000, Count: 4})
	got := []int{take(t, pool), take(t, pool), take(t, pool)}
	if want := []int{20001, 20002, 20003}; !slices.Equal(got, want) {
		t.Errorf("the pool gave %v, want %v", got, want)
	}
	if uid, err := pool.Take(); err == nil {
		t.Errorf("the pool gave %d while all were in use", uid)
	}
}

func TestAUIDThatWasJustUsedRestsLongest(t *testing.T) {
	pool := uids.NewPool(uids.Range{First: 20000, Count: 4})
	pool.Put(take(t, pool))
	if got := []int{take(t, pool), take(t, pool), take(t, pool)}; !slices.Equal(got, []int{20002, 20003, 20001}) {
		t.Errorf("the pool gave %v", got)
	}
}

func TestASingleUIDIsForAllCells(t *testing.T) {
	pool := uids.NewPool(uids.Range{First: 20000, Count: 1, Single: true})
	if one, two := take(t, pool), take(t, pool); one != 20000 || two != 20000 {
		t.Errorf("the pool gave %d and %d", one, two)
	}
}
