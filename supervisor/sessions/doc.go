// Package sessions keeps a cell for many calls of one caller.
//
//	session.go   one session: its calls, and why it ended
//	turn.go      whose turn it is in a session, and the line of those who wait
//	registry.go  all sessions: how many there may be, and how the last ones ended
//	admin.go     all sessions, for administrators
//	shown.go     a session as its owner sees it, and the problems of its refusals
//
// Package supervisor reads the requests and answers the clients.
package sessions
