// Package conns bounds the connections of an HTTP server, and judges by what a
// client does, not by the clock, whether it is still there.
//
//	listener_linux.go  how many connections there may be, in all and for one
//	                   address; errors of accept(2)
//	conn_linux.go      one connection: reads and writes that may take as long as
//	                   they make progress
//	watch_linux.go     a client that is half-closed, and one that is gone
//	close_linux.go     a close that does not take the answer back
//	handler.go         around each request
//	drain_linux.go     the end of the server
//
// It knows of net/http's server that it reads one byte in the background while
// a handler runs, to find out that the client hangs up: see net/http/server.go,
// connReader.backgroundRead. The tests hold it to that.
package conns
