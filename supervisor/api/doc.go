// Package api is the HTTP contract: what requests may contain, and what clients receive.
//
//	form.go      reads a request strictly by the table of its fields, and collects its errors
//	decode.go    decodes a request to execute
//	content.go   what a body must be declared as
//	mode.go      what a script is to its cell: a module with main, a program, or a notebook's cell
//	outputs.go   what a script showed, checked and written
//	files.go     files of a request, and patterns of files to collect
//	batch.go     decodes batches and their cases
//	job.go       decodes requests for jobs; a job's state
//	session.go   decodes requests for sessions and their calls; a session's state
//	terminal.go  the messages of a terminal
//	answer.go    parts of an answer: how a run ended, what it used, where the time went
//	reply.go     encodes the answer to a script that was run, piece by piece
//	hint.go      after a failed import: which packages there are, and how one is added
//	problem.go   problems, and the list of their codes
//	wire.go      a problem as bytes on the wire
//	wait.go      how long a client says that it waits
//	info.go      the answer of GET /info
//	openapi.go   embeds openapi.yaml, the contract in machine-readable form
//
// Package supervisor decides when a request is refused because there is no place, key or
// cell.
package api
