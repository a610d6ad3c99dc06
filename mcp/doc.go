// Package mcp lets assistants use hotcell: a server of the Model Context
// Protocol whose tools run Python, once or in a session.
//
// It knows hotcell by its HTTP contract only, so the same server stands within
// hotcell, where POST /mcp answers with it, and in `hotcell mcp`, which speaks
// over stdin and stdout for a hotcell elsewhere. Keys, rates and limits are
// hotcell's: a call has those of the key that came with it.
package mcp
