// Package output reads what a script writes.
//
//   - output_linux.go: one pipe, up to a limit, as it comes.
//   - shown.go: pictures and other things that it shows, up to a number and a size.
package output
