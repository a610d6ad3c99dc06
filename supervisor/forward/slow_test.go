package forward_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// What a client does not read waits at the owner, and not in this node's memory.
func TestAnAnswerIsPassedOnNoFasterThanItIsRead(t *testing.T) {
	const all, most = 100 << 20, 32 << 20 // the sockets of four ends keep some
	n := join(t, cluster(t), "a", "")
	var written atomic.Int64
	front := passing(t, n, owner(t, func(w http.ResponseWriter, _ *http.Request) {
		for piece := make([]byte, 1<<20); written.Load() < all; {
			k, err := w.Write(piece)
			written.Add(int64(k))
			if err != nil {
				t.Error(err)
				return
			}
		}
	}))
	answer, err := http.Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	before := int64(-1)
	testkit.Eventually(t, "nothing more is taken", func() bool {
		now := written.Load()
		stands := now == before && now > 0
		before = now
		return stands
	}, nil)
	if got := written.Load(); got > most {
		t.Errorf("%d bytes were taken of the owner, and the client has read none", got)
	}
	if got, err := io.Copy(io.Discard, answer.Body); got != all || err != nil {
		t.Errorf("%d bytes, %v", got, err)
	}
}
