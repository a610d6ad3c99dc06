// Package top shows what a hotcell server does at this moment, from its
// GET /metrics alone. A scrape becomes a sample, two samples become a [View],
// which holds the numbers to show, and [Render] makes text of it. Only [Live]
// knows of a terminal.
//
//	scrape.go  asks a server for its metrics
//	view.go    computes a View from two samples
//	render.go  a View as text
//	live.go    the terminal, and asking again and again
//
// What a server says is not trusted: a response is limited in size, and names in
// it reach a terminal without characters that control one.
package top
