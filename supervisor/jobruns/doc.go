// Package jobruns serves jobs, which package jobs keeps, and runs them.
//
//	jobruns.go   Jobs: opens the store when it is needed, and ends
//	routes.go    what clients ask of jobs: submit, look, wait, cancel, list
//	lists.go     who may read a list of jobs
//	events.go    the changes of a job, as they happen
//	work.go      claims jobs, as many as could run at once, and runs each
//	batch.go     runs a batch whose lines nobody reads as they come
//	tell.go      claims webhooks of jobs that ended, and delivers them
//
// A job runs as a batch does: all requests that a client waits for pass it. Nothing is
// started, and nothing is on disk, before the first job.
package jobruns
