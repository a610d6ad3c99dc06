// Package api is the HTTP contract: what requests may contain, and what clients receive.
//
//	form.go      a request is read strictly by the table of its fields, and every fault in it is noted
//	decode.go    what a request to execute may hold
//	files.go     files that a request brings along, and patterns of those to send back
//	session.go   what a request for a session and its calls may hold; a session's state
//	terminal.go  the messages of a terminal
//	answer.go    parts of an answer: how a run ended, what it used, where the time went
//	reply.go     the answer that a client gets whose script was run, written piece by piece
//	problem.go   what a client gets who is refused, and the list of refusals
//	info.go      what GET /info tells
//	openapi.go   the contract in machine form, openapi.yaml
//
// Package supervisor decides when a request is refused because there is no place, key or
// cell.
package api
