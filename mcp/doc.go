// Package mcp lets assistants use hotcell: a server of the Model Context Protocol
// whose tools run Python, once or in a session.
//
// It knows hotcell by its HTTP API only. So the same server works within hotcell,
// which answers POST /mcp with it, and in `hotcell mcp`, which speaks over stdin
// and stdout for a hotcell elsewhere. Keys, rates and limits are hotcell's: a call
// has those of the key that came with it.
//
//	server.go    the server and the descriptions of its tools
//	tools.go     what the tools do
//	http.go      the server as streamable HTTP
//	messages.go  bounds a request before the SDK reads it, and keeps its ids
package mcp
