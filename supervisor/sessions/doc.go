// Package sessions keeps a cell for one caller, for many calls.
//
//	session.go   one session: its calls, and why it ends
//	registry.go  all of them, how many there may be, and what the last ended of
//
// What a request asks for, and what its client is told, is package supervisor's.
package sessions
