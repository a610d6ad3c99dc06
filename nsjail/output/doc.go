// Package output reads what a script writes.
//
//   - output_linux.go: one pipe, up to a limit, as it comes.
//   - log_linux.go: what a script printed and did not get into the pipe.
//   - shown.go: pictures and other things that it shows, up to a number and a size.
package output
