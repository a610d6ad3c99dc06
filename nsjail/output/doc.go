// Package output reads what a script writes.
//
//   - output_linux.go: one pipe, up to a limit, as it comes.
package output
