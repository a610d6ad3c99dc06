// Package objects keeps what is too large for a message of the engine.
package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"

	"github.com/nats-io/nats.go/jetstream"
)

// maxInline is the largest input or answer that is in its job's message. The engine takes
// messages of 1 MiB.
const maxInline = 512 << 10

// Put stores what is too large for a message, under a name of its own, and returns that
// name; what is small is returned as it is.
func Put(ctx context.Context, bucket jetstream.ObjectStore, id string, data []byte) (inline []byte, name string, err error) {
	if len(data) <= maxInline {
		return data, "", nil
	}
	name = id + "." + rand.Text()
	_, err = bucket.Put(ctx, jetstream.ObjectMeta{Name: name}, bytes.NewReader(data))
	return nil, name, err
}

// Size returns the size of what Put has stored under a name.
func Size(name string, data []byte) int64 {
	if name == "" {
		return 0
	}
	return int64(len(data))
}

// Drop removes an object that is no longer needed. If that fails, its age removes it.
func Drop(ctx context.Context, bucket jetstream.ObjectStore, name string) {
	if name != "" {
		_ = bucket.Delete(context.WithoutCancel(ctx), name)
	}
}

// DropRefused removes the object of a message that could not be published, if the engine
// has refused the message. After any other error it may be stored, and need the object.
func DropRefused(ctx context.Context, bucket jetstream.ObjectStore, name string, err error) {
	var said *jetstream.APIError
	if errors.As(err, &said) {
		Drop(ctx, bucket, name)
	}
}

// Open opens what Put has stored.
func Open(ctx context.Context, bucket jetstream.ObjectStore, inline []byte, name string) (io.ReadCloser, int64, error) {
	if name == "" {
		return io.NopCloser(bytes.NewReader(inline)), int64(len(inline)), nil
	}
	object, err := bucket.Get(ctx, name)
	if err != nil {
		return nil, 0, err
	}
	info, err := object.Info()
	if err != nil {
		_ = object.Close()
		return nil, 0, err
	}
	return object, int64(info.Size), nil // #nosec G115 -- sizes fit
}
