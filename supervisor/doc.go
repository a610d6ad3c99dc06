// Package supervisor is the service: it takes scripts over HTTP, runs each in a
// cell that is ready, and answers.
//
// What happens to a request, in order:
//
//	routes.go          its address, its id, its line in the log
//	authorize.go       whose it is, and whether they may
//	hosts.go           the name by which it reached the service
//	party.go           its share of places and memory
//	patience.go        how long its client waits for it
//	body.go            its body is read, within bounds
//	turns.go           large bodies are decoded one client after the other
//	execute.go         the way of a script: place, cell, run, answer
//	refusals.go        why there is none: what the line, the pool, a session or the end of the service says
//	session_routes.go  sessions, and their calls
//	admin_sessions.go  everybody's sessions, for administrators
//	tty.go             terminals
//	mcp.go             tools for assistants
//	health.go          /livez, /readyz, /info, /openapi.yaml
//
// Around it:
//
//	service.go   start, drain and end
//	listen.go    listeners, and how many connections there may be
//	profile.go   what the service needs of cells
//	observe.go   what metrics and traces are told; the admin listener
//	recorder.go  what an answer's connection took
//	logline.go   lines of the log stay short, and keep no secrets
//	once.go      one script without a service, for hotcell exec
//
// What a request may hold and what its client is told is package api's; settings
// are package config's, keys package keys', cells package cells'. Packages sessions,
// terminals and stream keep a session, a terminal and an answer in pieces going.
package supervisor
