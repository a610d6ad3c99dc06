// Package jupyter speaks the part of the Jupyter Server's API that runs code: kernels, and
// their channels over WebSockets. A kernel is a session of the caller's key. Its id is in
// the session's id, and nothing else is kept: another key's kernel does not exist.
//
//	jupyter.go   the HTTP routes: kernelspecs, kernels, interrupt, restart
//	wire.go      frames and messages, in both of the WebSocket's protocols
//	channels.go  one WebSocket: what comes in, in line, and what goes out
//	cells.go     one request to execute: what it shows, and how it ended
//	asks.go      requests that run no cell of the client's: completion, inspection, kernel_info
package jupyter
