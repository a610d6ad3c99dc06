// Package protocol defines what the supervisor and a jailed Python send each
// other: frames, messages and verdicts. PROTOCOL.md describes it in prose.
//
//	frame.go    frames: types, maximum lengths, reading and writing
//	message.go  the messages that frames carry
//	output.go   what a script shows
//	transfer.go files of a session, between its calls
//	verdict.go  Status and Limit: how a run ended
//	exact.go    strict reading of JSON: exact and unique member names
//	path.go     paths of files that are safe to write on any system
//
// Transport is not part of it: package nsjail opens the sockets, passes the
// descriptors and sets deadlines. Everything that a cell sends is hostile input,
// so every reader here takes a maximum length and checks it before allocating.
package protocol

// Version is what both sides send in the handshake ([Start], [Hello]). They reject
// each other if it differs. The worker is embedded in the binary, so a difference
// means a stale file, not an older peer.
const Version = 1
