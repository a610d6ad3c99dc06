package jobs

import (
	"context"
	"errors"
	"io"
	"time"
)

// What may become of a call, besides errors of the engine.
var (
	ErrNotFound = errors.New("there is no such job")
	ErrConflict = errors.New("the idempotency key was used with another request")
	ErrGone     = errors.New("the job of this idempotency key was answered, and its answer is no longer kept")
	ErrFull     = errors.New("the store of jobs is full")
	ErrShare    = errors.New("the key has its share of the store of jobs")
	ErrOver     = errors.New("the job has ended already")
	ErrNoInput  = errors.New("the input of the job is no longer there")
	ErrLate     = errors.New("the job was not begun before it expired")
)

// Store keeps jobs. Its methods are safe for concurrent use.
type Store interface {
	// Submit stores a job, and returns when it is on disk. If the job has a Hash, its ID
	// is that of [IDFor]; if there is a job of that id, it is returned instead, and old is
	// true. The error may wrap [ErrFull], [ErrShare], [ErrConflict] or
	// [ErrGone].
	Submit(ctx context.Context, job Job, input []byte) (stored Job, old bool, err error)

	// Get returns a job of an owner. The error may be [ErrNotFound].
	Get(ctx context.Context, owner, id string) (Job, error)

	// Answer opens the answer of a job that [Store.Get] has returned and that is over;
	// size is that of the answer. The caller closes it.
	Answer(ctx context.Context, job Job) (answer io.ReadCloser, size int64, err error)

	// List returns up to most jobs of an owner, the newest first: those with a status,
	// or all if it is empty.
	List(ctx context.Context, owner string, status Status, most int) ([]Job, error)

	// Cancel ends a job that is not over, whether it runs or not. If it is over, it is
	// returned with [ErrOver].
	Cancel(ctx context.Context, owner, id, why string) (Job, error)

	// Watch returns a channel that gets a value after each change of a job, until stop
	// is called. A change of another node's may be missed: ask now and then.
	Watch(id string) (changed <-chan struct{}, stop func())

	// Claim waits for a job to run. The caller calls [Run.Finish], [Run.End] or
	// [Run.GiveBack].
	Claim(ctx context.Context) (*Run, error)

	// Told is the queue of jobs with a webhook that have ended.
	Told() *Queue

	// Counts returns figures of all jobs.
	Counts(ctx context.Context) (Counts, error)

	// Close ends the engine, or the connection to it. What runs is run again by another,
	// or later.
	Close()
}

// Counts are figures of all jobs of a store.
type Counts struct {
	Queued  int           // that nobody has claimed
	Claimed int           // that somebody runs, or waits to run
	Oldest  time.Duration // age of the oldest job that is not over; 0: there is none
	Bytes   int64         // on disk, inputs and answers included
	Untold  int           // that are over, and whose webhooks have not been delivered
}
