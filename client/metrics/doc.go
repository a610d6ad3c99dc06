// Package metrics reads what GET /metrics of a hotcell server says: [Parse] makes
// a [Sample] of the text, and two samples give rates and quantiles of the time
// between them.
//
//	sample.go    Sample and Series: parse, look up, compare
//	quantile.go  quantiles of histograms
//
// What a server says is not trusted: names and labels come without characters
// that control a terminal, and values that are not finite numbers are left out.
package metrics
