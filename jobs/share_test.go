package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/jobs"
)

// A key that submits without end leaves room to the others.
func TestAKeyCannotFillTheStoreForOthers(t *testing.T) {
	for name, size := range map[string]int{"small inputs": 200 << 10, "inputs that are larger than a message": 700 << 10} {
		t.Run(name, func(t *testing.T) {
			engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.MaxBytes = 32 << 20 })
			var err error
			for number := 0; err == nil && number < 200; number++ {
				jobs.LookAgain(engine)
				_, _, err = engine.Submit(t.Context(), job("greedy"), make([]byte, size))
			}
			if !errors.Is(err, jobs.ErrShare) || !strings.Contains(fmt.Sprint(err), `key "greedy" has`) {
				t.Fatalf("the greedy key: %v", err)
			}
			for range 3 {
				jobs.LookAgain(engine)
				submit(t, engine, job("modest"), "small")
			}
			if _, _, err := engine.Submit(t.Context(), job("greedy"), nil); !errors.Is(err, jobs.ErrShare) {
				t.Errorf("the greedy key, once more: %v", err)
			}
		})
	}
}
