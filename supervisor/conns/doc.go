// Package conns bounds the connections of an HTTP server. It decides by what a client
// does, not by the clock, whether the client is still there.
//
//	listener_linux.go  how many connections there may be, in total and for one
//	                   address; errors of accept(2)
//	conn_linux.go      one connection: reads and writes that may take as long as
//	                   they make progress
//	watch_linux.go     clients that are half-closed, and clients that are gone
//	close_linux.go     closing without losing the answer
//	handler.go         the middleware around each request
//	host.go            the name that a client has called, and the page that it sends for
//	recorder.go        records what the connection took of an answer, and counts what it gave of a body
//	drain_linux.go     shutting down
//
// It relies on net/http's server reading one byte in the background while a handler
// runs, to detect that the client disconnects: see connReader.backgroundRead in
// net/http. The tests check that it still does.
package conns
