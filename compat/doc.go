// Package compat lets hotcell speak the APIs of other projects. Each API is a package of
// its own that translates: it asks hotcell by package client only, within this process, so
// that keys, limits, the line, the memory and the metrics are those of any request.
//
//	api.go       API: what such a package exports
//	caller.go    Caller: hotcell, as the sender of a request sees it
//	form.go      files that clients send as forms
//	json.go      JSON as clients send it, refused in words, and as they get it
//	patience.go  waiting for a cell where the API's clients would not come back
//
// Package apis lists them, and package supervisor mounts them: below /compat/NAME, and at
// the root of addresses of their own.
package compat
