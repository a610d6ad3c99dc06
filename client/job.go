package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// JobRequest is what a job runs. Execute, or Batch with its Cases, is required.
type JobRequest struct {
	Execute *Request  `json:"execute,omitempty"`
	Batch   *JobBatch `json:"batch,omitempty"`
	// ExpiresS is after how many seconds it is too late to begin; 0: the server's maximum.
	ExpiresS int `json:"expires_s,omitempty"`
	// IdempotencyKey makes it safe to send the request again: the same key gets the same
	// job.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	// Webhook says who is told when the job has ended; nil: nobody.
	Webhook *Webhook `json:"webhook,omitempty"`
}

// Webhook is an address that the server tells when a job has ended, if it may.
type Webhook struct {
	URL        string `json:"url"`
	SecretName string `json:"secret_name,omitempty"`
}

// JobBatch is a batch that runs as a job.
type JobBatch struct {
	BatchRequest

	Cases []BatchCase `json:"cases"`
}

// JobStatus says how far a job is.
type JobStatus string

// The statuses. All but the first two are final.
const (
	JobQueued    JobStatus = "queued"
	JobRunning   JobStatus = "running"
	JobDone      JobStatus = "done"
	JobCancelled JobStatus = "cancelled"
	JobExpired   JobStatus = "expired" // it was not begun in time
	JobLost      JobStatus = "lost"    // its server died each time that it was begun
)

// JobStatuses lists them.
var JobStatuses = []JobStatus{JobQueued, JobRunning, JobDone, JobCancelled, JobExpired, JobLost}

// Over reports whether the status is final.
func (s JobStatus) Over() bool { return s != JobQueued && s != JobRunning }

// Job is a job, with its answer if it is done.
type Job struct {
	ID        string     `json:"id"`
	Kind      string     `json:"kind"` // execute or batch
	Status    JobStatus  `json:"status"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	StartedAt *time.Time `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Attempts  int        `json:"attempts"`
	Reason    string     `json:"reason"` // why it was cancelled, has expired or is lost

	Answer  *Answer  `json:"answer"`  // of a script
	Batch   *JobRuns `json:"batch"`   // of a batch
	Problem *Problem `json:"problem"` // why the script or the batch was not run
}

// JobRuns is the answer of a batch.
type JobRuns struct {
	BatchSummary

	Runs []BatchRun `json:"runs"`
}

// Submit stores a job. When it returns, the job is on the server's disk. Give the request
// an IdempotencyKey, and it may be submitted again after an error.
func (c *Client) Submit(ctx context.Context, request JobRequest) (*Job, error) {
	job := new(Job)
	return job, c.call(ctx, http.MethodPost, "/jobs", request, job)
}

// Job returns a job.
func (c *Client) Job(ctx context.Context, id string) (*Job, error) {
	job := new(Job)
	return job, c.call(ctx, http.MethodGet, jobPath(id), nil, job)
}

// WaitForJob waits until a job has ended, or ctx has.
func (c *Client) WaitForJob(ctx context.Context, id string) (*Job, error) {
	for {
		job := new(Job)
		if err := c.call(ctx, http.MethodGet, jobPath(id)+"?wait_s=20", nil, job); err != nil || job.Status.Over() {
			return job, err
		}
	}
}

// CancelJob cancels a job, and returns it. One that has ended stays as it is.
func (c *Client) CancelJob(ctx context.Context, id string) (*Job, error) {
	job := new(Job)
	return job, c.call(ctx, http.MethodDelete, jobPath(id), nil, job)
}

// Jobs returns the key's jobs without their answers, the newest first: those with a
// status, or all if it is empty; at most 1,000.
func (c *Client) Jobs(ctx context.Context, status JobStatus) ([]Job, error) {
	var list struct{ Jobs []Job }
	path := "/jobs"
	if status != "" {
		path += "?status=" + url.QueryEscape(string(status))
	}
	err := c.call(ctx, http.MethodGet, path, nil, &list)
	return list.Jobs, err
}

func jobPath(id string) string { return "/jobs/" + url.PathEscape(id) }
