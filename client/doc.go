// Package client talks to a hotcell server over its HTTP API.
//
//	c, err := client.New("http://127.0.0.1:8080", client.Options{Key: key})
//	answer, err := c.Execute(ctx, client.Request{Script: "def main(n): return n * 2", Args: []any{21}})
//
// A script that ran gives an [Answer], however it ended: look at its Status. A
// request that the server refused gives a [*Problem]. Anything else is an error of
// the network, or an [*UnexpectedError] when the response is not hotcell's.
//
// The types follow openapi.yaml, and a test compares the two. They are not the
// server's own, so that a program which imports this package does not link the
// server: the package needs the standard library and a WebSocket library only.
//
//	client.go    Client: its options, and Execute, Info and Metrics
//	http.go      one HTTP exchange: headers, limits, retries
//	types.go     requests and answers
//	problem.go   the errors
//	session.go   Session: a jail that is kept for many calls
//	files.go     files of a session, in and out
//	stream.go    Stream: output as the script writes it, and what it shows
//	batch.go     Batch: many runs in one request; Capacity
//	job.go       Job: what the server keeps on disk until it is answered
//	terminal.go  Terminal: a jail with a terminal, over a WebSocket
//
// The package metrics, below this one, reads what [Client.Metrics] returns.
package client
