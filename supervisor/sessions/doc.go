// Package sessions keeps a cell for many calls of one caller.
//
//	session.go   one session: its calls, and why it ended
//	registry.go  all sessions: how many there may be, and how the last ones ended
//	shown.go     a session as its owner sees it, and the problems of its refusals
//
// Package supervisor reads the requests and answers the clients.
package sessions
