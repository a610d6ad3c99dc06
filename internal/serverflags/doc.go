// Package serverflags makes command-line flags from the table of the server's
// settings, for the commands that start one: hotcell serve, exec and doctor, and
// hotcell-bench.
//
//   - flags.go: the flags, and the configuration that they, the environment and
//     the file give
package serverflags
