// Package e2b serves E2B's API. A sandbox is a session, and a second context in it is
// another session.
//
//	api.go        the routes, whose key a request carries, refusals
//	sandboxes.go  what is known of the sandboxes that live
//	control.go    making, showing, prolonging and ending them
//	contexts.go   contexts: their sessions, and whose turn it is in them
//	execute.go    running code: the stream of what comes of it
//	results.go    what a cell shows, as a result
//	files.go      reading and writing files
//	envd.go       the calls of E2B's daemon: directories, and commands
//	envd.py       what does them in the sandbox
package e2b
