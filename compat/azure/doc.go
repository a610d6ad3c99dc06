// Package azure speaks the API of Azure Container Apps' dynamic sessions: the Python code
// interpreter. A session is made when its identifier is first used, and is one of the
// caller's key.
//
//	azure.go    the routes, the identifiers, and how a session comes to be
//	execute.go  code/execute
//	files.go    files: up, down, listed, removed
package azure
