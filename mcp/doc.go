// Package mcp lets assistants use hotcell: a server of the Model Context Protocol
// whose tools run Python, once or in a session.
//
// It uses only hotcell's HTTP API. So the same server works within hotcell, which answers
// POST /mcp with it, and in `hotcell mcp`, which speaks over stdin and stdout and calls a
// hotcell elsewhere. hotcell itself checks keys, rates and limits: those of the key that
// comes with a call apply to it.
//
//	server.go    the server and the descriptions of its tools
//	tools.go     what the tools do
//	answer.go    an answer as texts, pictures and files, of a size that clients take
//	http.go      the server as streamable HTTP
//	messages.go  bounds a request before the SDK reads it, and keeps its ids
package mcp
