package objects_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs/objects"
)

// A job that may be stored, though nobody has said so, keeps its input and its answer.
func TestWhatMayBeStoredKeepsItsObject(t *testing.T) {
	for name, want := range map[string]struct {
		err  error
		kept bool
	}{
		"the engine refuses":       {&jetstream.APIError{ErrorCode: 10047}, false},
		"nobody answers":           {nats.ErrTimeout, true},
		"the connection is lost":   {nats.ErrConnectionClosed, true},
		"the client does not wait": {context.Canceled, true},
	} {
		bucket := &bucketOfOne{}
		objects.DropRefused(t.Context(), bucket, "object", errors.Join(want.err))
		if kept := !slices.Contains(bucket.dropped, "object"); kept != want.kept {
			t.Errorf("%s: kept is %t, want %t", name, kept, want.kept)
		}
	}
}

// bucketOfOne remembers what was deleted.
type bucketOfOne struct {
	jetstream.ObjectStore
	dropped []string
}

func (b *bucketOfOne) Delete(_ context.Context, name string) error {
	b.dropped = append(b.dropped, name)
	return nil
}
