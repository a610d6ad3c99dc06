// Package supervisor is the service: it takes scripts over HTTP, has each run in
// a cell that is ready, and answers.
//
// What happens to a request, and which file tells of it:
//
//	routes.go      its address, its id, its line in the log
//	authorize.go   whose it is, and whether they may
//	body.go        its body is read, within bounds; turns.go one client after the other
//	patience.go    how long its client waits for it
//	party.go       its place in line, which package line decides about
//	execute.go     a cell, the run, and what can come between
//
// What it may hold, and what its client is told, is package api's.
//
// And around it:
//
//	service.go     listeners, start and end
//	profile.go     what the service needs of cells, which package cells has
//	health.go      /livez, /readyz, /info
//	observe.go     what metrics and traces are told; the admin listener
//	once.go        one script without a service, for hotcell exec
//
// It leaves out what a cell is (package nsjail), when cells are made
// (package pool), which settings there are (package config),
// and what a key is (package keys).
package supervisor
