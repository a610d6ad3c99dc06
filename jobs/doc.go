// Package jobs keeps jobs until they are answered, on disk, in NATS JetStream: an engine
// within this process, or a cluster that many nodes share. It knows nothing of scripts: a
// job has an input and an answer, which are bytes.
//
//	job.go        what a job is, and what its owner may see of it
//	store.go      Store: what there is to do with jobs
//	engine.go     starts the engine in this process, or connects to one
//	restart.go    the engine in this process, which is started again after its disk was full
//	streams.go    what the engine keeps: streams, and their limits
//	submit.go     takes jobs
//	share.go      how much each owner may have in the store
//	read.go       finds jobs
//	watch.go      tells those who wait for a job when it changes
//	list.go       lists jobs
//	claim.go      hands out jobs to those who run them
//	turns.go      whose job is next, so that owners share those who run jobs
//	consume.go    asks the engine for jobs, with a consumer for each owner
//	forgotten.go  queues jobs again that the engine would never hand out again
//	run.go        a job that is run
//	end.go        stores how a job ended, once
//	queue.go      work that follows the end of a job: what is to be told to others
//
// A job is one message of a queue. Its submission is acknowledged when that message
// is on disk. Whoever claims it writes a mark when it begins, which counts how often
// somebody began and died, and at the end one message with the answer: the first one
// counts. Then the job's own message goes. Whatever is interrupted in between is done
// again by the next who gets the message.
package jobs
